/** Training and evaluation. */
export { readCheckpoint, restoreModel } from './checkpoint.ts'
export { type EpochProgress, type JobEvents, type JobResult, TrainingJob } from './job.ts'
export { readSettings } from './job-folder.ts'
export { type Evaluation, type EvaluationOptions, evalPerplexity } from './perplexity.ts'
export { PRESETS, resolveSettings } from './presets.ts'
export type { GivenSettings, JobSettings } from './settings.ts'
export type { Tokens } from './tokens.ts'
export { type FitOptions, type FitProgress, type FitState, RnnlmTrainer } from './trainer.ts'
