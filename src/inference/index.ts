/** Inference with a trained model. */
export { type GenerateOptions, generate, generateIds } from './generate.ts'
export {
  encodeSentence,
  type ScoreOptions,
  type SentenceScore,
  scoreSentences,
  scoreSequences,
} from './score.ts'
