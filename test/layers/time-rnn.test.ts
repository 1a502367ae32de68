import { it } from 'vitest'
import { type Batch2, type Batch3, type Bias, TimeRNN, type Weights } from '../../src/layers/index.ts'
import { Tensor } from '../../src/tensor/index.ts'
import { expectClose } from '../support/golden.ts'

it('TimeRNN of one unit: each state is tanh of the one before, each gradient passes all slopes up to it', () => {
  const layer = new TimeRNN(
    Tensor.from([[0]]) as Weights,
    Tensor.from([[0.5]]) as Weights,
    Tensor.from([0]) as Bias,
    { stateful: true },
  )
  layer.setState(Tensor.from([[0.8]]) as Batch2)
  const h = [0.8]
  for (let t = 0; t < 3; t++) h.push(Math.tanh(0.5 * h[t]!))
  expectClose(layer.forward(Tensor.zeros([1, 3, 1])), [h.slice(1).map((value) => [value])], 1e-6)

  const [first, second, third] = h.slice(1).map((value) => 1 - value ** 2)
  const dAtThird = 2 * third!
  const dAtSecond = dAtThird * 0.5 * second!
  const dAtFirst = dAtSecond * 0.5 * first!
  layer.backward(Tensor.from([[[0], [0], [2]]]) as Batch3)
  expectClose(layer.dh!, [[dAtFirst * 0.5]], 1e-6)
  expectClose(layer.grads[1], [[dAtFirst * h[0]! + dAtSecond * h[1]! + dAtThird * h[2]!]], 1e-6)
  expectClose(layer.grads[2], [dAtFirst + dAtSecond + dAtThird], 1e-6)
})
