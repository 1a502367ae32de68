import { expect, it } from 'vitest'
import { type Batch3, TimeTanh } from '../../src/layers/index.ts'
import { Tensor } from '../../src/tensor/index.ts'
import { expectClose } from '../support/golden.ts'
import { innerProduct, numericGradient } from '../support/gradient-check.ts'
import { describeEachIsa } from '../support/instruction-sets.ts'
import { type Block, normalBlock } from '../support/reference-layers.ts'

const tanhOf = (xs: Block): Block => xs.map((steps) => steps.map((x) => x.map(Math.tanh)))

describeEachIsa('TimeTanh', () => {
  it.each([
    [1, 1, 1],
    [2, 3, 5],
    [3, 4, 33],
  ])('is the float64 reference with the gradient of numeric differences, [%i, %i, %i]', (N, T, H) => {
    const layer = new TimeTanh(H)
    const [xs, dout] = [normalBlock(N, T, H, 1), normalBlock(N, T, H, 2)]
    expectClose(layer.forward(Tensor.from(xs) as Batch3), tanhOf(xs))
    const expected = numericGradient(() => innerProduct(tanhOf(xs), dout), xs)
    expectClose(layer.backward(Tensor.from(dout) as Batch3), expected)
  })
})

it('errors name what does not fit', () => {
  const layer = new TimeTanh(3)
  expect(() => layer.backward(Tensor.zeros([1, 1, 3]))).toThrow('TimeTanh.backward: call forward first')
  expect(() => layer.forward(Tensor.zeros([1, 1, 2]))).toThrow(
    new RangeError('TimeTanh.forward: xs: expected the shape [N, T, H = 3], got [1, 1, 2]'),
  )
})
