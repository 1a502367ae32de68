/** Using a trained model. */
export { type GenerateOptions, generate, generateIds } from './generate.ts'
export { type LoadedModel, loadModel } from './load-model.ts'
export { saveModel } from './save-model.ts'
export {
  encodeSentence,
  endOfSentence,
  type ScoreOptions,
  type SentenceScore,
  scoreSentences,
  scoreSequences,
} from './score.ts'
