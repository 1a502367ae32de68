import { describe, expect, it } from 'vitest'
import { type Batch3, TimeEmbedding, type Weights } from '../../src/layers/index.ts'
import { Tensor } from '../../src/tensor/index.ts'
import { expectClose } from '../support/golden.ts'
import { innerProduct, numericGradient } from '../support/gradient-check.ts'
import { describeEachIsa } from '../support/instruction-sets.ts'
import {
  type Ids,
  normalBlock,
  normalMatrix,
  timeEmbeddingBackward,
  timeEmbeddingForward,
} from '../support/reference-layers.ts'
import { tokens } from '../support/tokens.ts'

const SHAPES = [
  [1, 1, 1, 1],
  [1, 4, 3, 5],
  [3, 1, 7, 1],
  [2, 5, 4, 17],
  [5, 7, 11, 33],
] as const

/** Ids that repeat within the block and leave some of the V rows out. */
function idsOf(N: number, T: number, V: number): Ids {
  return Array.from({ length: N }, (_, n) => Array.from({ length: T }, (_, t) => (n * n + 3 * t) % V))
}

function layerOf(V: number, D: number): TimeEmbedding {
  return new TimeEmbedding(Tensor.from(normalMatrix(V, D, 1)) as Weights)
}

describeEachIsa('TimeEmbedding', () => {
  it.each(SHAPES)('is the float64 reference, N %i, T %i, V %i, D %i', (N, T, V, D) => {
    const ids = idsOf(N, T, V)
    const dout = normalBlock(N, T, D, 2)
    const layer = layerOf(V, D)
    expect(layer.forward(tokens(ids)).toArray()).toEqual(timeEmbeddingForward(normalMatrix(V, D, 1), ids))
    expect(layer.backward(Tensor.from(dout) as Batch3)).toBeNull()
    expectClose(layer.grads[0], timeEmbeddingBackward(V, ids, dout))
  })

  it('has the gradient of numeric differences', () => {
    const [N, T, V, D] = [2, 5, 4, 3]
    const W = normalMatrix(V, D, 1)
    const ids = idsOf(N, T, V)
    const dout = normalBlock(N, T, D, 2)
    const layer = layerOf(V, D)
    layer.forward(tokens(ids))
    layer.backward(Tensor.from(dout) as Batch3)
    const loss = () => innerProduct(timeEmbeddingForward(W, ids), dout)
    expectClose(layer.grads[0], numericGradient(loss, W))
  })
})

describe('TimeEmbedding gradient', () => {
  const ones = (N: number, T: number): Batch3 => Tensor.full([N, T, 2], 1)

  it('adds up where an id occurs again', () => {
    const layer = layerOf(4, 2)
    layer.forward(tokens([[1, 1, 3, 1]]))
    layer.backward(ones(1, 4))
    expect(layer.grads[0].toArray()).toEqual([
      [0, 0],
      [3, 3],
      [0, 0],
      [1, 1],
    ])
  })

  it('is written anew by each backward, whatever it held', () => {
    const layer = layerOf(4, 2)
    const [dW] = layer.grads
    for (const id of [0, 1, 2]) {
      dW.fill(9)
      layer.forward(tokens([[id]]))
      layer.backward(ones(1, 1))
      expect(dW.toArray()).toEqual([0, 1, 2, 3].map((row) => (row === id ? [1, 1] : [0, 0])))
    }
  })

  it('is not added up over calls of backward', () => {
    const layer = layerOf(3, 2)
    layer.forward(tokens([[2]]))
    layer.backward(ones(1, 1))
    layer.backward(ones(1, 1))
    expect(layer.grads[0].at(2, 0)).toBe(1)
  })

  it('belongs to the ids of forward, even if the caller’s tensor has changed since', () => {
    const layer = layerOf(3, 2)
    const xs = tokens([[1]])
    layer.forward(xs)
    xs.fill(2)
    layer.backward(ones(1, 1))
    expect(layer.grads[0].toArray()).toEqual([
      [0, 0],
      [1, 1],
      [0, 0],
    ])
  })

  it('takes strided views', () => {
    const layer = layerOf(6, 2)
    const xs = tokens([
      [0, 1, 2],
      [3, 4, 5],
    ]).slice(1, 1, 3)
    const dout = (Tensor.from(normalBlock(2, 3, 2, 2)) as Batch3).slice(1, 1, 3)
    expect(xs.isContiguous || dout.isContiguous).toBe(false)
    expect(layer.forward(xs).select(0, 1).toArray()).toEqual(layer.params[0].slice(0, 4, 6).toArray())
    layer.backward(dout)
    expect(layer.grads[0].slice(0, 4, 6).toArray()).toEqual(dout.select(0, 1).toArray())
  })
})

describe('TimeEmbedding buffers', () => {
  it('are the same over blocks of one shape, also when shapes take turns', () => {
    const layer = layerOf(4, 2)
    const first = layer.forward(tokens([[0, 1]]))
    const other = layer.forward(tokens([[2], [3]]))
    expect(layer.forward(tokens([[2, 3]])).data).toBe(first.data)
    expect(layer.forward(tokens([[0], [1]])).data).toBe(other.data)
    const [dW] = layer.grads
    layer.backward(Tensor.zeros([2, 1, 2]))
    expect(layer.grads[0]).toBe(dW)
  })

  it('are not the caller’s tensors', () => {
    const layer = layerOf(4, 2)
    const [xs, dout] = [tokens([[0, 1]]), Tensor.from(normalBlock(1, 2, 2, 2)) as Batch3]
    const before = [xs, dout, layer.params[0]].map((tensor) => tensor.toArray())
    layer.forward(xs).fill(5)
    layer.backward(dout)
    expect([xs, dout, layer.params[0]].map((tensor) => tensor.toArray())).toEqual(before)
  })
})

describe('TimeEmbedding errors', () => {
  it('name the token id and its place', () => {
    const layer = layerOf(5, 2)
    const refused = (ids: Ids, message: string) =>
      expect(() => layer.forward(tokens(ids))).toThrow(new RangeError(message))
    refused(
      [
        [0, 1, 2],
        [3, 4, 5],
      ],
      'TimeEmbedding.forward: xs: token id 5 at [1, 2] is outside 0…4',
    )
    refused([[0], [-1]], 'TimeEmbedding.forward: xs: token id -1 at [1, 0] is outside 0…4')
    refused([[2 ** 31 - 1]], 'TimeEmbedding.forward: xs: token id 2147483647 at [0, 0] is outside 0…4')
    expect(layer.forward(tokens([[4]])).toArray()).toEqual([[normalMatrix(5, 2, 1)[4]]])
  })

  it('name the weights, input or gradient that does not fit', () => {
    expect(() => new TimeEmbedding(Tensor.zeros([3]) as never)).toThrow(
      new RangeError('TimeEmbedding: W: expected a matrix [V, D], got [3]'),
    )
    const layer = layerOf(5, 2)
    expect(() => layer.backward(Tensor.zeros([1, 1, 2]))).toThrow(
      new Error('TimeEmbedding.backward: call forward first'),
    )
    expect(() => layer.forward(Tensor.zeros([1, 2]) as never)).toThrow(
      new TypeError('TimeEmbedding.forward: xs: expected a Tensor of int32, got "float32"'),
    )
    expect(() => layer.forward(Tensor.zeros([2], 'int32') as never)).toThrow(
      new RangeError('TimeEmbedding.forward: xs: expected the shape [N, T], got [2]'),
    )
    expect(() => layer.forward([[1]] as never)).toThrow(
      new TypeError('TimeEmbedding.forward: xs: expected a Tensor, got Array(1)'),
    )
    layer.forward(tokens([[0, 1]]))
    expect(() => layer.backward(Tensor.zeros([2, 1, 2]))).toThrow(
      new RangeError(
        "TimeEmbedding.backward: dout: expected the shape of forward's result, [1, 2, 2], got [2, 1, 2]",
      ),
    )
  })
})
