/** Language models, composed from layers. */
export { CbowLm } from './cbow-lm.ts'
export { CELL_NAMES, CELLS, type Cell, cellOf } from './cells.ts'
export { type FreezeOptions, FrozenModel } from './frozen-model.ts'
export { LanguageModel } from './language-model.ts'
export { type LanguageModelOptions, parameterShapes, stateSizes } from './language-model-options.ts'
export {
  type BlockScore,
  checkReadableModel,
  type ModelState,
  type ReadableModel,
  type Step,
  type TrainableLanguageModel,
} from './model.ts'
export {
  FIXED_MODEL_SETTINGS,
  MODEL_SETTING_NAMES,
  MODEL_SETTINGS,
  modelSettingsOf,
} from './model-settings.ts'
export { NeuralProbabilisticLm } from './neural-probabilistic-lm.ts'
export { BetterRnnlm, GruRnnlm, Rnnlm, SimpleRnnlm } from './presets.ts'
export { State } from './state.ts'
export { Turns } from './turns.ts'
export type { WindowOptions } from './window-model.ts'
