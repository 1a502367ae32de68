/** Training and evaluation. */
export { checkpointMetadata, readCheckpoint, restoreModel } from './checkpoint.ts'
export type { FitState } from './fit-state.ts'
export { checkpointAt, initialSettings } from './initial-model.ts'
export { TrainingJob } from './job.ts'
export type { EpochProgress, JobEvents } from './job-events.ts'
export { checkpointIn, pictureIn, readSettings } from './job-folder.ts'
export type { JobResult } from './job-run.ts'
export { type Evaluation, type EvaluationOptions, evalPerplexity } from './perplexity.ts'
export { defaultPreset, PRESETS, resolveSettings } from './presets.ts'
export { Reading } from './reading.ts'
export {
  describeRival,
  RIVALS,
  type Rival,
  type RivalOptions,
  type RivalResult,
  trainRival,
} from './rivals.ts'
export {
  type GivenSettings,
  type JobSettings,
  type OpenSettings,
  RESUME_SETTINGS,
  type ResumeSettings,
} from './settings.ts'
export type { Tokens } from './tokens.ts'
export { type FitOptions, type FitProgress, RnnlmTrainer } from './trainer.ts'
export { Turns } from './turns.ts'
export { unigramPerplexity } from './unigram.ts'
