/**
 * The seed experiment: SimpleRnnlm trained on 1,000 words with 418 different ones, as "Deep Learning from Scratch 2",
 * ch. 5.5 does. An iteration is forward, backward and update for one block of 10 · 5 words.
 */
import { ours, pythonPeer } from '../harness/contestants.ts'
import type { Scenario } from '../harness/scenario.ts'
import { randomTokens } from '../harness/tokens.ts'
import {
  type ModelSettings,
  perplexityCheck,
  type TrainingTask,
  wordsPerIteration,
} from '../harness/training.ts'

export const seedSettings: ModelSettings = {
  cell: 'rnn',
  layers: 1,
  vocabSize: 418,
  wordvecSize: 100,
  hiddenSize: 100,
  batchSize: 10,
  timeSize: 5,
  learningRate: 0.1,
  maxGrad: null,
}

const task: TrainingTask = {
  ...seedSettings,
  corpus: randomTokens(1000, seedSettings.vocabSize, 1),
  checkEpochs: 100,
}

export const seed: Scenario = {
  kind: 'race',
  name: 'seed',
  title: 'SimpleRnnlm, V 418, D = H = 100, batch 10, T 5, SGD: forward, backward and update of 50 words',
  threads: 1,
  task,
  cases: [{ name: 'step', work: wordsPerIteration(task) }],
  throughputUnit: 'words/s',
  check: perplexityCheck(task, 1 / 4),
  contestants: [
    ours('training.ts'),
    pythonPeer('numpy', 'seed_numpy.py'),
    pythonPeer('torch', 'rnnlm_torch.py'),
  ],
}
