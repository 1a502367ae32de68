/** Training jobs: settings, folder, log, resume. */
export { initialSettings } from './initial-model.ts'
export { TrainingJob } from './job.ts'
export type { JobEvents } from './job-events.ts'
export { checkpointIn, logIn, pictureIn, readSettings } from './job-folder.ts'
export type { JobResult } from './job-run.ts'
export { loadModel } from './load-model.ts'
export { defaultPreset, PRESETS, resolveSettings } from './presets.ts'
export {
  type GivenSettings,
  type JobSettings,
  type OpenSettings,
  RESUME_SETTINGS,
} from './settings.ts'
