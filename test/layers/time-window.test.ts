/** TimeWindow and TimeWindowMean, which see the same windows. */
import { describe, expect, it } from 'vitest'
import { type Batch3, TimeWindow, TimeWindowMean } from '../../src/layers/index.ts'
import { Tensor } from '../../src/tensor/index.ts'
import { expectClose } from '../support/golden.ts'
import { innerProduct, numericGradient } from '../support/gradient-check.ts'
import { describeEachIsa } from '../support/instruction-sets.ts'
import { type Block, normalBlock, type Vector } from '../support/reference-layers.ts'

const KINDS = [
  {
    name: 'TimeWindow',
    Layer: TimeWindow,
    columns: (n: number, D: number) => n * D,
    of: (window: Vector[]) => window.flat(),
  },
  {
    name: 'TimeWindowMean',
    Layer: TimeWindowMean,
    columns: (_: number, D: number) => D,
    of: (window: Vector[]) =>
      window[0]!.map((_, d) => window.reduce((sum, vector) => sum + vector[d]!, 0) / window.length),
  },
] as const

/** N, T, n, D */
const SHAPES = [
  [1, 1, 1, 1],
  [1, 4, 3, 1],
  [3, 1, 5, 2],
  [2, 5, 3, 17],
  [3, 7, 1, 33],
] as const

function batch(block: Block): Batch3 {
  return Tensor.from(block) as Batch3
}

for (const { name, Layer, columns, of } of KINDS) {
  const reference = (xs: Block, n: number): Block =>
    xs.map((steps) => Array.from({ length: steps.length - n + 1 }, (_, t) => of(steps.slice(t, t + n))))

  describeEachIsa(name, () => {
    it.each(SHAPES)('is the float64 reference, N %i, T %i, n %i, D %i', (N, T, n, D) => {
      const xs = normalBlock(N, n - 1 + T, D, 1)
      expectClose(new Layer(n, D).forward(batch(xs)), reference(xs, n))
    })

    it.each(SHAPES)('has the gradients of numeric differences, N %i, T %i, n %i, D %i', (N, T, n, D) => {
      const layer = new Layer(n, D)
      const xs = normalBlock(N, n - 1 + T, D, 1)
      const dout = normalBlock(N, T, columns(n, D), 2)
      const expected = numericGradient(() => innerProduct(reference(xs, n), dout), xs)
      layer.forward(batch(xs))
      expectClose(layer.backward(batch(dout)), expected)
      expectClose(layer.backward(batch(dout)), expected)
    })

    it('takes strided views, and shapes that take turns', () => {
      const layer = new Layer(2, 3)
      for (const length of [4, 6, 4]) {
        const xs = batch(normalBlock(2, 9, 3, 1)).slice(1, 1, 1 + length)
        const dout = batch(normalBlock(2, 9, columns(2, 3), 2)).slice(1, 2, 1 + length)
        const fresh = new Layer(2, 3)
        expect(layer.forward(xs).toArray()).toEqual(fresh.forward(xs.clone()).toArray())
        expect(layer.backward(dout).toArray()).toEqual(fresh.backward(dout.clone()).toArray())
      }
    })
  })

  describe(`${name} errors`, () => {
    it('name what does not fit', () => {
      const layer = new Layer(3, 2)
      expect(() => new Layer(0, 2)).toThrow(
        new RangeError(`${name}: window: expected an integer of at least 1, got 0`),
      )
      expect(() => layer.backward(Tensor.zeros([1, 1, 2]))).toThrow(
        new Error(`${name}.backward: call forward first`),
      )
      expect(() => layer.forward(Tensor.zeros([1, 2, 2]))).toThrow(
        new RangeError(
          `${name}.forward: xs: expected at least 3 steps, the length of a window, got [1, 2, 2]`,
        ),
      )
      expect(() => layer.forward(Tensor.zeros([1, 4, 3]))).toThrow(
        new RangeError(`${name}.forward: xs: expected the shape [N, steps, D = 2], got [1, 4, 3]`),
      )
      layer.forward(Tensor.zeros([1, 4, 2]))
      expect(() => layer.backward(Tensor.zeros([1, 3, 7]))).toThrow("the shape of forward's result")
    })
  })
}
