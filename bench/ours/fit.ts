/** Training through the public trainer, as a user calls it. */
import type { FitOptions, RnnlmTrainer } from '../../src/index.ts'
import type { Figures } from '../harness/protocol.ts'
import { type ModelSettings, wordsPerIteration } from '../harness/training.ts'
import type { Package } from './package.ts'

/** A trainer with a new model. */
export function newTrainer(
  { LanguageModel, RnnlmTrainer, SGD }: Package,
  { learningRate, cell, layers, vocabSize, wordvecSize, hiddenSize }: ModelSettings,
): RnnlmTrainer {
  const model = new LanguageModel({ cell, layers, vocabSize, wordvecSize, hiddenSize, seed: 1 })
  return new RnnlmTrainer(model, new SGD(learningRate))
}

/** Trains on the corpus for some epochs. */
export async function fit(
  trainer: RnnlmTrainer,
  { batchSize, timeSize, maxGrad }: ModelSettings,
  corpus: readonly number[],
  maxEpoch: number,
  onProgress?: FitOptions['onProgress'],
): Promise<void> {
  const xs = Int32Array.from(corpus.slice(0, -1))
  const ts = Int32Array.from(corpus.slice(1))
  await trainer.fit(xs, ts, { maxEpoch, batchSize, timeSize, maxGrad, evalInterval: null, onProgress })
}

/** A round trains a new model for this many epochs, after one epoch that is not timed: it makes the buffers. */
export async function timeTraining(
  rnnlm: Package,
  settings: ModelSettings,
  corpus: readonly number[],
  epochs: number,
): Promise<Figures> {
  let start = 0
  let end = 0
  await fit(newTrainer(rnnlm, settings), settings, corpus, 1 + epochs, ({ epoch, isEndOfEpoch }) => {
    if (isEndOfEpoch) end = performance.now()
    if (isEndOfEpoch && epoch === 1) start = end
  })
  const iterationsPerEpoch = Math.floor((corpus.length - 1) / wordsPerIteration(settings))
  return { millisecondsPerIteration: (end - start) / (epochs * iterationsPerEpoch) }
}
