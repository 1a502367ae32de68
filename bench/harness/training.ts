/** The training of a recurrent language model, as scenarios describe it to contestants. */
import type { Precision } from '../../src/index.ts'

export interface ModelSettings {
  cell: 'rnn' | 'lstm'
  /** Recurrent layers, one above the other. */
  layers: number
  /** V */
  vocabSize: number
  /** D */
  wordvecSize: number
  /** H */
  hiddenSize: number
  /** N */
  batchSize: number
  /** T */
  timeSize: number
  learningRate: number
  /** The global norm that gradients are clipped to; null for no clipping. */
  maxGrad: number | null
}

export interface TrainingTask extends ModelSettings {
  corpus: number[]
  /** Epochs of the warm-up; the perplexity of the last one is the check. */
  checkEpochs: number
  /** Of products; `highest` where it is not said. */
  precision?: Precision
}

export function wordsPerIteration({ batchSize, timeSize }: ModelSettings): number {
  return batchSize * timeSize
}

/** Floating-point operations of one iteration, in 10⁹: for each word, 6 for each weight that it is multiplied by. */
export function workPerIteration(settings: ModelSettings): number {
  const { cell, layers, vocabSize: V, wordvecSize: D, hiddenSize: H } = settings
  const gates = cell === 'lstm' ? 4 : 1
  const weights = gates * H * (D + H + (layers - 1) * 2 * H) + H * V
  return (6 * wordsPerIteration(settings) * weights) / 1e9
}

/** Perplexity that is below a share of an untrained model's, which is about `vocabSize`. */
export function perplexityCheck({ vocabSize, checkEpochs }: TrainingTask, share: number) {
  const limit = vocabSize * share
  return {
    name: `perplexity (epoch ${checkEpochs})`,
    expected: `less than ${limit}, an untrained model's being ${vocabSize}`,
    passes: (perplexity: number) => perplexity < limit,
  }
}
