import { describe, expect, it } from 'vitest'
import { type Batch3, type Bias, TimeAffine, type Weights } from '../../src/layers/index.ts'
import { Tensor } from '../../src/tensor/index.ts'
import { expectClose } from '../support/golden.ts'
import { innerProduct, numericGradient } from '../support/gradient-check.ts'
import { describeEachIsa } from '../support/instruction-sets.ts'
import {
  normalBlock,
  normalMatrix,
  normalVector,
  timeAffineBackward,
  timeAffineForward,
} from '../support/reference-layers.ts'

const SHAPES = [
  [1, 1, 1, 1],
  [1, 4, 3, 2],
  [3, 1, 1, 7],
  [2, 3, 5, 4],
  [3, 5, 17, 33],
  [5, 7, 16, 65],
] as const

function layerOf(H: number, V: number): TimeAffine {
  return new TimeAffine(
    Tensor.from(normalMatrix(H, V, 1)) as Weights,
    Tensor.from(normalVector(V, 2)) as Bias,
  )
}

function blockOf(N: number, T: number, columns: number, stream: number): Batch3 {
  return Tensor.from(normalBlock(N, T, columns, stream)) as Batch3
}

describeEachIsa('TimeAffine', () => {
  it.each(SHAPES)('is the float64 reference, N %i, T %i, H %i, V %i', (N, T, H, V) => {
    const layer = layerOf(H, V)
    const [W, b] = [normalMatrix(H, V, 1), normalVector(V, 2)]
    const [xs, dout] = [normalBlock(N, T, H, 3), normalBlock(N, T, V, 4)]
    const expected = timeAffineBackward(xs, W, dout)
    expectClose(layer.forward(Tensor.from(xs) as Batch3), timeAffineForward(xs, W, b))
    expectClose(layer.backward(Tensor.from(dout) as Batch3), expected.dxs)
    expectClose(layer.grads[0], expected.dW)
    expectClose(layer.grads[1], expected.db)
  })

  it.each(SHAPES.slice(0, 4))(
    'has the gradients of numeric differences, N %i, T %i, H %i, V %i',
    (N, T, H, V) => {
      const layer = layerOf(H, V)
      const [W, b] = [normalMatrix(H, V, 1), normalVector(V, 2)]
      const [xs, dout] = [normalBlock(N, T, H, 3), normalBlock(N, T, V, 4)]
      const loss = () => innerProduct(timeAffineForward(xs, W, b), dout)
      layer.forward(Tensor.from(xs) as Batch3)
      expectClose(layer.backward(Tensor.from(dout) as Batch3), numericGradient(loss, xs))
      expectClose(layer.grads[0], numericGradient(loss, W))
      expectClose(layer.grads[1], numericGradient(loss, b))
    },
  )

  it('takes strided views of inputs and gradients', () => {
    const xs = blockOf(2, 4, 3, 3).slice(1, 1, 3)
    const dout = blockOf(2, 4, 5, 4).slice(1, 2, 4)
    expect(xs.isContiguous || dout.isContiguous).toBe(false)
    const [fromViews, fromCopies] = [layerOf(3, 5), layerOf(3, 5)]
    expect(fromViews.forward(xs).toArray()).toEqual(fromCopies.forward(xs.clone()).toArray())
    expect(fromViews.backward(dout).toArray()).toEqual(fromCopies.backward(dout.clone()).toArray())
    expect(fromViews.grads.map(String)).toEqual(fromCopies.grads.map(String))
  })
})

describe('TimeAffine buffers', () => {
  it('are the same over blocks of one shape', () => {
    const layer = layerOf(3, 4)
    const [xs, dout] = [blockOf(2, 3, 3, 3), blockOf(2, 3, 4, 4)]
    const [out, dxs, grads] = [layer.forward(xs), layer.backward(dout), [...layer.grads]]
    const arrays = grads.map((grad) => grad.data)
    expect(layer.forward(xs).data).toBe(out.data)
    expect(layer.backward(dout).data).toBe(dxs.data)
    layer.grads.forEach((grad, i) => {
      expect(grad).toBe(grads[i])
      expect(grad.data).toBe(arrays[i])
    })
  })

  it('do not mix up shapes that take turns', () => {
    const layer = layerOf(3, 4)
    for (const [N, T] of [
      [2, 3],
      [3, 2],
      [2, 3],
      [1, 5],
      [3, 2],
    ] as const) {
      const fresh = layerOf(3, 4)
      const [xs, dout] = [blockOf(N, T, 3, 3), blockOf(N, T, 4, 4)]
      expect(layer.forward(xs).toArray()).toEqual(fresh.forward(xs).toArray())
      expect(layer.backward(dout).toArray()).toEqual(fresh.backward(dout).toArray())
      expect(layer.grads.map(String)).toEqual(fresh.grads.map(String))
    }
  })

  it('are not the caller’s tensors', () => {
    const layer = layerOf(3, 4)
    const [xs, dout] = [blockOf(2, 3, 3, 3), blockOf(2, 3, 4, 4)]
    const before = [xs, dout, ...layer.params].map((tensor) => tensor.toArray())
    layer.forward(xs)
    layer.backward(dout)
    expect([xs, dout, ...layer.params].map((tensor) => tensor.toArray())).toEqual(before)
  })
})

describe('TimeAffine errors', () => {
  it('name the weights that do not fit', () => {
    expect(() => new TimeAffine(Tensor.zeros([3]) as never, Tensor.zeros([3]))).toThrow(
      new RangeError('TimeAffine: W: expected a matrix [H, V], got [3]'),
    )
    expect(() => new TimeAffine(Tensor.zeros([3, 4]), Tensor.zeros([3]))).toThrow(
      new RangeError('TimeAffine: b: expected the shape [4], got [3]'),
    )
    expect(() => new TimeAffine(Tensor.zeros([3, 4], 'int32') as never, Tensor.zeros([4]))).toThrow(
      new TypeError('TimeAffine: W: expected a Tensor of float32, got "int32"'),
    )
  })

  it('name the input or gradient that does not fit', () => {
    const layer = layerOf(3, 4)
    expect(() => layer.backward(Tensor.zeros([1, 1, 4]))).toThrow(
      new Error('TimeAffine.backward: call forward first'),
    )
    expect(() => layer.forward(Tensor.zeros([2, 2, 4]))).toThrow(
      new RangeError('TimeAffine.forward: xs: expected the shape [N, T, H = 3], got [2, 2, 4]'),
    )
    expect(() => layer.forward(Tensor.zeros([2, 3]) as never)).toThrow(
      new RangeError('TimeAffine.forward: xs: expected the shape [N, T, H = 3], got [2, 3]'),
    )
    layer.forward(Tensor.zeros([2, 5, 3]))
    expect(() => layer.backward(Tensor.zeros([5, 2, 4]))).toThrow(
      new RangeError(
        "TimeAffine.backward: dout: expected the shape of forward's result, [2, 5, 4], got [5, 2, 4]",
      ),
    )
    expect(() => layer.backward(Tensor.zeros([2, 5, 4], 'int32') as never)).toThrow(
      new TypeError('TimeAffine.backward: dout: expected a Tensor of float32, got "int32"'),
    )
  })
})
