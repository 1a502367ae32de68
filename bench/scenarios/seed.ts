/**
 * The seed experiment: SimpleRnnlm on 1,000 words with 418 different ones, batch 10, T = 5, D = H = 100, SGD 0.1.
 * An iteration is forward, backward and update for one block of 10 · 5 words. Each round trains a new model.
 */
import { ours, pythonPeer } from '../harness/contestants.ts'
import type { Scenario } from '../harness/scenario.ts'
import { randomTokens } from '../harness/tokens.ts'

const CORPUS_SIZE = 1000

const settings = {
  vocabSize: 418,
  wordvecSize: 100,
  hiddenSize: 100,
  batchSize: 10,
  timeSize: 5,
  learningRate: 0.1,
  /** Epochs of the warm-up; the perplexity of the last one is the check. */
  checkEpochs: 100,
}

const wordsPerIteration = settings.batchSize * settings.timeSize

const task = {
  ...settings,
  corpus: randomTokens(CORPUS_SIZE, settings.vocabSize, 1),
  /** The last word is a target only. */
  iterationsPerEpoch: Math.floor((CORPUS_SIZE - 1) / wordsPerIteration),
}

export type SeedSettings = typeof task

export const seed: Scenario = {
  name: 'seed',
  title: 'SimpleRnnlm, V 418, D = H = 100, batch 10, T 5, SGD: forward, backward and update of 50 words',
  threads: 1,
  task,
  throughput: { unit: 'words/s', perIteration: wordsPerIteration },
  check: {
    name: `perplexity (epoch ${settings.checkEpochs})`,
    expected: `less than ${settings.vocabSize / 4}, a quarter of an untrained model's`,
    passes: (perplexity) => perplexity < settings.vocabSize / 4,
  },
  contestants: [
    ours('seed.ts'),
    pythonPeer('numpy', 'seed_numpy.py', 'numpy', 'python3-numpy'),
    pythonPeer('torch', 'seed_torch.py', 'torch', 'python3-torch'),
  ],
}
