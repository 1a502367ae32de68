/** Training and evaluation algorithms, independent of files. */
export type { FitState } from './fit-state.ts'
export { type Evaluation, type EvaluationOptions, evalPerplexity } from './perplexity.ts'
export type { Tokens } from './tokens.ts'
export { type FitOptions, type FitProgress, RnnlmTrainer } from './trainer.ts'
export { unigramPerplexity } from './unigram.ts'
