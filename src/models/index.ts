/** Language models, composed from layers. */
export { type Cell, LanguageModel, type LanguageModelOptions } from './language-model.ts'
export type { ModelState, TrainableLanguageModel } from './model.ts'
export { BetterRnnlm, GruRnnlm, Rnnlm, SimpleRnnlm } from './presets.ts'
