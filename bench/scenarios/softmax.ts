/** Softmax with cross-entropy and its gradient over the scores of a block: N·T = 700 rows, V = 10,000 classes. */
import { ours, pythonPeer } from '../harness/contestants.ts'
import type { Scenario } from '../harness/scenario.ts'

const task = { batchSize: 20, timeSize: 35, vocabSize: 10_000 }

export type SoftmaxTask = typeof task

/** Of normal scores, for a target that has nothing to do with them: E log Σ exp(x) ≈ log(V) + 1/2. */
const expectedLoss = Math.log(task.vocabSize) + 0.5
/** Five standard deviations of a mean over 700 rows. */
const tolerance = 5 / Math.sqrt(task.batchSize * task.timeSize)

export const softmax: Scenario = {
  kind: 'race',
  name: 'softmax',
  title: 'softmax with loss and gradient, 700 rows of 10,000 normal scores',
  threads: 1,
  task,
  cases: [{ name: 'softmax', work: task.batchSize * task.timeSize }],
  throughputUnit: 'rows/s',
  check: {
    name: 'loss',
    expected: `${expectedLoss.toFixed(2)} ± ${tolerance.toFixed(2)}`,
    passes: (loss) => Math.abs(loss - expectedLoss) < tolerance,
  },
  contestants: [ours('softmax.ts'), pythonPeer('torch', 'softmax_torch.py')],
}
