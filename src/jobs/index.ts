/** Training jobs: settings, folder, log, resume. */
export { checkpointAt, initialSettings } from './initial-model.ts'
export { TrainingJob } from './job.ts'
export type { EpochProgress, JobEvents } from './job-events.ts'
export { checkpointIn, logIn, pictureIn, readSettings } from './job-folder.ts'
export type { JobResult } from './job-run.ts'
export { type LoadedModel, loadModel } from './load-model.ts'
export { defaultPreset, PRESETS, resolveSettings } from './presets.ts'
export {
  type GivenSettings,
  type JobSettings,
  type OpenSettings,
  RESUME_SETTINGS,
  type ResumeSettings,
} from './settings.ts'
