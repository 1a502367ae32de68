/** Language models, composed from layers. */
export type { LanguageModel, ModelState } from './model.ts'
export { SimpleRnnlm } from './simple-rnnlm.ts'
