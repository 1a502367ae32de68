/**
 * Training steps with the vocabulary of the Penn Treebank: V 10,000, N 20, T 35, SGD, clipped gradients. `rnn` and `lstm`:
 * one layer, D = H = 100, where the softmax layer has 98 % and 93 % of the work; `lstm-650`: two LSTM layers, D = H = 650,
 * as BetterRnnlm has them.
 */
import { inPrecision, ours, pythonPeer } from '../harness/contestants.ts'
import { OURS } from '../harness/protocol.ts'
import type { Scenario } from '../harness/scenario.ts'
import { zipfTokens } from '../harness/tokens.ts'
import {
  type ModelSettings,
  perplexityCheck,
  type TrainingTask,
  wordsPerIteration,
} from '../harness/training.ts'

export const rnnSettings: ModelSettings = {
  cell: 'rnn',
  layers: 1,
  vocabSize: 10_000,
  wordvecSize: 100,
  hiddenSize: 100,
  batchSize: 20,
  timeSize: 35,
  learningRate: 1,
  maxGrad: 0.25,
}

const medium: Pick<TrainingTask, 'precision'> = { precision: 'medium' }

function taskOf(settings: ModelSettings, iterationsPerEpoch: number, checkEpochs: number): TrainingTask {
  const words = iterationsPerEpoch * wordsPerIteration(settings) + 1
  return { ...settings, corpus: zipfTokens(words, settings.vocabSize, 1), checkEpochs }
}

function scenarioOf(name: string, threads: number, task: TrainingTask): Scenario {
  const { cell, layers, hiddenSize: H, vocabSize: V, batchSize, timeSize } = task
  const model = `${cell.toUpperCase()}${layers > 1 ? ` × ${layers}` : ''}, V ${V}, D = H = ${H}`
  const words = wordsPerIteration(task)
  return {
    kind: 'race',
    name,
    title: `${model}, batch ${batchSize}, T ${timeSize}, SGD, clipping: a training step of ${words} words on ${threads === 1 ? 'one thread' : `${threads} threads`}`,
    threads,
    task,
    cases: [{ name: 'step', work: words }],
    throughputUnit: 'words/s',
    check: perplexityCheck(task, 1 / 2),
    contestants: [
      ours('training.ts'),
      inPrecision('medium', ours('training.ts', { name: `${OURS} medium`, settings: medium })),
      pythonPeer('torch', 'rnnlm_torch.py'),
      inPrecision(
        'medium',
        pythonPeer('torch', 'rnnlm_torch.py', { name: 'torch bfloat16', settings: medium }),
      ),
    ],
  }
}

export const rnnTask = taskOf(rnnSettings, 5, 3)
export const rnnCheck = perplexityCheck(rnnTask, 1 / 2)
const lstmTask = taskOf({ ...rnnSettings, cell: 'lstm', learningRate: 20 }, 5, 3)
const lstm650Task = taskOf(
  { ...rnnSettings, cell: 'lstm', layers: 2, wordvecSize: 650, hiddenSize: 650, learningRate: 4 },
  2,
  6,
)

/** Each on one thread and on two. */
export const rnnScenarios: Scenario[] = [
  scenarioOf('rnn', 1, rnnTask),
  scenarioOf('rnn-2-threads', 2, rnnTask),
  scenarioOf('lstm', 1, lstmTask),
  scenarioOf('lstm-2-threads', 2, lstmTask),
  scenarioOf('lstm-650', 1, lstm650Task),
  scenarioOf('lstm-650-2-threads', 2, lstm650Task),
]
