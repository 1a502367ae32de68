import { describe, expect, it } from 'vitest'
import { type Batch2, type Bias, RNN, type Weights } from '../../src/layers/index.ts'
import { Tensor } from '../../src/tensor/index.ts'
import { expectClose } from '../support/golden.ts'
import { innerProduct, numericGradient } from '../support/gradient-check.ts'
import { describeEachIsa } from '../support/instruction-sets.ts'
import { normalMatrix, normalVector, rnnBackward, rnnForward } from '../support/reference-layers.ts'

const SHAPES = [
  [1, 1, 1],
  [1, 3, 1],
  [3, 1, 5],
  [2, 7, 4],
  [5, 9, 17],
  [7, 33, 31],
] as const

function example([N, D, H]: readonly [N: number, D: number, H: number]) {
  const Wx = normalMatrix(D, H, 1)
  const Wh = normalMatrix(H, H, 2)
  const b = normalVector(H, 3)
  const x = normalMatrix(N, D, 4)
  const hPrev = normalMatrix(N, H, 5)
  const dhNext = normalMatrix(N, H, 6)
  const layer = new RNN(Tensor.from(Wx) as Weights, Tensor.from(Wh) as Weights, Tensor.from(b) as Bias)
  const tensors = {
    x: Tensor.from(x) as Batch2,
    hPrev: Tensor.from(hPrev) as Batch2,
    dhNext: Tensor.from(dhNext) as Batch2,
  }
  return { weights: { Wx, Wh, b }, x, hPrev, dhNext, layer, tensors }
}

describeEachIsa('RNN', () => {
  it.each(SHAPES)('is the float64 reference, N %i, D %i, H %i', (...shape) => {
    const { weights, x, hPrev, dhNext, layer, tensors } = example(shape)
    const hNext = rnnForward(x, hPrev, weights)
    const expected = rnnBackward(x, hPrev, weights, hNext, dhNext)

    expectClose(layer.forward(tensors.x, tensors.hPrev), hNext)
    const [dx, dhPrev] = layer.backward(tensors.dhNext)
    expectClose(dx, expected.dx)
    expectClose(dhPrev, expected.dhPrev)
    expectClose(layer.grads[0], expected.dWx)
    expectClose(layer.grads[1], expected.dWh)
    expectClose(layer.grads[2], expected.db)
  })

  it.each(SHAPES.slice(0, 4))('has the gradients of numeric differences, N %i, D %i, H %i', (...shape) => {
    const { weights, x, hPrev, dhNext, layer, tensors } = example(shape)
    const loss = () => innerProduct(rnnForward(x, hPrev, weights), dhNext)

    layer.forward(tensors.x, tensors.hPrev)
    const [dx, dhPrev] = layer.backward(tensors.dhNext)
    expectClose(dx, numericGradient(loss, x))
    expectClose(dhPrev, numericGradient(loss, hPrev))
    expectClose(layer.grads[0], numericGradient(loss, weights.Wx))
    expectClose(layer.grads[1], numericGradient(loss, weights.Wh))
    expectClose(layer.grads[2], numericGradient(loss, weights.b))
  })

  it('takes steps of a block as strided views', () => {
    const { layer, tensors } = example([3, 4, 5])
    const block = Tensor.from(normalMatrix(3, 2 * 4, 7)).reshape([3, 2, 4])
    const step = block.select(1, 1) as Batch2
    expect(step.isContiguous).toBe(false)
    const fromView = layer.forward(step, tensors.hPrev)
    const [dxOfView] = layer.backward(tensors.dhNext)
    const gradsOfView = layer.grads.map((grad) => grad.toArray())
    const fromCopy = layer.forward(step.clone(), tensors.hPrev)
    expectClose(fromView, fromCopy, 1e-6)
    expectClose(dxOfView, layer.backward(tensors.dhNext)[0], 1e-6)
    layer.grads.forEach((grad, i) => {
      expectClose(grad, gradsOfView[i]!, 1e-6)
    })
  })
})

describe('RNN', () => {
  it('writes gradients in place and leaves the caller’s tensors alone', () => {
    const { layer, tensors } = example([2, 3, 4])
    const before = [...Object.values(tensors), ...layer.params].map((tensor) => tensor.toArray())
    const grads = [...layer.grads]
    const arrays = grads.map((grad) => grad.data)
    for (let i = 0; i < 2; i++) {
      layer.forward(tensors.x, tensors.hPrev)
      layer.backward(tensors.dhNext)
    }
    expect([...Object.values(tensors), ...layer.params].map((tensor) => tensor.toArray())).toEqual(before)
    layer.grads.forEach((grad, i) => {
      expect(grad).toBe(grads[i])
      expect(grad.data).toBe(arrays[i])
      expect(grad.shape).toEqual(layer.params[i]!.shape)
    })
  })

  it('gives new tensors: the states of earlier steps stay', () => {
    const { layer, tensors } = example([2, 3, 4])
    const first = layer.forward(tensors.x, tensors.hPrev)
    const copy = first.toArray()
    const second = layer.forward(tensors.x, first)
    expect(second.data).not.toBe(first.data)
    expect(first.toArray()).toEqual(copy)
  })

  it('says which weights do not fit', () => {
    const [Wx, Wh, b] = [Tensor.zeros([3, 4]), Tensor.zeros([4, 4]), Tensor.zeros([4])]
    expect(() => new RNN(Tensor.zeros([3, 5]), Wh, b)).toThrow(
      new RangeError('RNN: Wx: expected the shape [3, 4], got [3, 5]'),
    )
    expect(() => new RNN(Wx, Tensor.zeros([4, 5]), b)).toThrow(
      new RangeError('RNN: Wh: expected the shape [4, 4], got [4, 5]'),
    )
    expect(() => new RNN(Wx, Wh, Tensor.zeros([5]))).toThrow(
      new RangeError('RNN: b: expected the shape [4], got [5]'),
    )
    expect(() => new RNN(Tensor.zeros([3]) as never, Wh, b)).toThrow(
      new RangeError('RNN: Wx: expected a matrix (rank 2), got [3]'),
    )
    expect(() => new RNN(Wx, [[1]] as never, b)).toThrow(
      new TypeError('RNN: Wh: expected a Tensor, got Array(1)'),
    )
    expect(() => new RNN(Wx, Wh, Tensor.zeros([4], 'int32') as never)).toThrow(
      new TypeError('RNN: b: expected a Tensor of float32, got "int32"'),
    )
  })

  it('says which input does not fit', () => {
    const { layer, tensors } = example([2, 3, 4])
    expect(() => layer.forward(Tensor.zeros([2, 4]), tensors.hPrev)).toThrow(
      new RangeError('RNN.forward: x: expected the shape [N, D = 3], got [2, 4]'),
    )
    expect(() => layer.forward(Tensor.zeros([2, 3, 1]) as never, tensors.hPrev)).toThrow(
      new RangeError('RNN.forward: x: expected the shape [N, D = 3], got [2, 3, 1]'),
    )
    expect(() => layer.forward(tensors.x, Tensor.zeros([3, 4]))).toThrow(
      new RangeError('RNN.forward: hPrev: expected the shape [N = 2, H = 4], got [3, 4]'),
    )
    expect(() => layer.forward(Tensor.zeros([2, 3], 'int32') as never, tensors.hPrev)).toThrow(
      new TypeError('RNN.forward: x: expected a Tensor of float32, got "int32"'),
    )
  })

  it('says that forward comes first, and which gradient does not fit', () => {
    const { layer, tensors } = example([2, 3, 4])
    expect(() => layer.backward(tensors.dhNext)).toThrow(new Error('RNN.backward: call forward first'))
    layer.forward(tensors.x, tensors.hPrev)
    expect(() => layer.backward(Tensor.zeros([2, 3]))).toThrow(
      new RangeError("RNN.backward: dhNext: expected the shape of forward's result, [2, 4], got [2, 3]"),
    )
  })
})
