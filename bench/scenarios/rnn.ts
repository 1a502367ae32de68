/**
 * A training step with the vocabulary of the Penn Treebank: SimpleRnnlm, V 10,000, D = H = 100, N 20, T 35, SGD, clipped
 * gradients. 98 % of its work is in the softmax layer. On one thread and on two.
 */
import { ours, pythonPeer } from '../harness/contestants.ts'
import type { Scenario } from '../harness/scenario.ts'
import { zipfTokens } from '../harness/tokens.ts'
import {
  type ModelSettings,
  perplexityCheck,
  type TrainingTask,
  wordsPerIteration,
} from '../harness/training.ts'

const ITERATIONS_PER_EPOCH = 5

export const rnnSettings: ModelSettings = {
  vocabSize: 10_000,
  wordvecSize: 100,
  hiddenSize: 100,
  batchSize: 20,
  timeSize: 35,
  learningRate: 1,
  maxGrad: 0.25,
}

export const rnnTask: TrainingTask = {
  ...rnnSettings,
  corpus: zipfTokens(ITERATIONS_PER_EPOCH * wordsPerIteration(rnnSettings) + 1, rnnSettings.vocabSize, 1),
  checkEpochs: 3,
}

export const rnnCheck = perplexityCheck(rnnTask, 1 / 2)

function rnnScenario(name: string, threads: number): Scenario {
  return {
    kind: 'race',
    name,
    title: `SimpleRnnlm, V 10,000, D = H = 100, batch 20, T 35, SGD, clipping: a training step of 700 words on ${threads === 1 ? 'one thread' : `${threads} threads`}`,
    threads,
    task: rnnTask,
    cases: [{ name: 'step', work: wordsPerIteration(rnnTask) }],
    throughputUnit: 'words/s',
    check: rnnCheck,
    contestants: [ours('training.ts'), pythonPeer('torch', 'rnnlm_torch.py')],
  }
}

export const rnn = rnnScenario('rnn', 1)
export const rnnOnTwoThreads = rnnScenario('rnn-2-threads', 2)
