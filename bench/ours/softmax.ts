/** Our contestant in the softmax scenario: the layer, forward and backward. */
import type { SoftmaxTask } from '../scenarios/softmax.ts'
import { serve, warmUp } from './protocol.ts'

await serve<SoftmaxTask>(async ({ Random, Tensor, TimeSoftmaxWithLoss }, task) => {
  const { batchSize: N, timeSize: T, vocabSize: V } = task
  const rng = new Random(1)
  const xs = Tensor.randn([N, T, V], { rng })
  const targets = Int32Array.from({ length: N * T }, () => rng.integer(V))
  const ts = Tensor.from(targets, [N, T])
  const layer = new TimeSoftmaxWithLoss()
  const measure = warmUp(task, () => {
    layer.forward(xs, ts)
    layer.backward()
  })
  return { check: layer.forward(xs, ts), measure }
})
