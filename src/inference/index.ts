/** Inference with a trained model. */
export { type EncodedSentence, encodeSentence } from './encode-sentence.ts'
export { type GenerateOptions, generate, generateIds } from './generate.ts'
export {
  type ScoreOptions,
  type SentenceScore,
  scoreEncoded,
  scoreSentences,
  type WordScore,
} from './score.ts'
