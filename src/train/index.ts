/** Training and evaluation. */
export { type Evaluation, type EvaluationOptions, evalPerplexity } from './perplexity.ts'
export type { Tokens } from './tokens.ts'
export { type FitOptions, type FitProgress, RnnlmTrainer } from './trainer.ts'
