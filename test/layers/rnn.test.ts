import { it } from 'vitest'
import { type Batch2, type Bias, RNN, type Weights } from '../../src/layers/index.ts'
import { Tensor } from '../../src/tensor/index.ts'
import { expectClose } from '../support/golden.ts'

const matrix = (...rows: number[][]) => Tensor.from(rows) as Weights & Batch2

it('RNN is tanh of the weighted inputs, and its gradients are those of tanh’s slope', () => {
  const layer = new RNN(matrix([2], [-1]), matrix([0.5]), Tensor.from([0.25]) as Bias)
  const h = Math.tanh(2 * 0.3 - 0.1 + 0.5 * 0.8 + 0.25)
  const slope = 1 - h ** 2
  expectClose(layer.forward(matrix([0.3, 0.1]), matrix([0.8])), [[h]], 1e-6)
  const [dx, dhPrev] = layer.backward(matrix([3]))
  expectClose(dx, [[6 * slope, -3 * slope]], 1e-6)
  expectClose(dhPrev, [[1.5 * slope]], 1e-6)
  expectClose(layer.grads[0], [[0.9 * slope], [0.3 * slope]], 1e-6)
  expectClose(layer.grads[1], [[2.4 * slope]], 1e-6)
  expectClose(layer.grads[2], [3 * slope], 1e-6)
})
