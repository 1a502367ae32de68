import { expect, it } from 'vitest'
import { SimpleRnnlm } from '../../src/models/index.ts'
import { Adam, clipGrads, Momentum, RMSprop, SGD } from '../../src/optim/index.ts'
import { Batches } from '../../src/train/batches.ts'

it.each([SGD, Momentum, RMSprop, Adam])(
  '2,000 steps in steady state allocate no buffers: %o',
  (Optimizer) => {
    const corpus = Int32Array.from({ length: 301 }, (_, i) => (i * i + 3 * i) % 17)
    const batches = new Batches('fit', corpus.slice(0, -1), corpus.slice(1), 4, 5)
    const model = new SimpleRnnlm(17, 8, 8)
    const optimizer = new Optimizer(0.1)
    const step = () => {
      batches.next()
      model.forward(batches.xs, batches.ts)
      model.backward()
      clipGrads(model.grads, 0.25)
      optimizer.update(model.params, model.grads)
    }
    for (let i = 0; i < 10; i++) step()
    const before = process.memoryUsage().arrayBuffers
    for (let i = 0; i < 2000; i++) {
      step()
      expect(process.memoryUsage().arrayBuffers).toBeLessThanOrEqual(before)
    }
  },
)
