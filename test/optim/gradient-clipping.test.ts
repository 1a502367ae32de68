import { describe, expect, it } from 'vitest'
import { clipGrads } from '../../src/optim/index.ts'
import { norm, Tensor } from '../../src/tensor/index.ts'
import { expectClose } from '../support/golden.ts'
import { describeEachIsa } from '../support/instruction-sets.ts'
import { normalMatrix, normalVector } from '../support/reference-layers.ts'

describeEachIsa('clipGrads', () => {
  it('scales by maxNorm / (norm + 1e-6), over all gradients together', () => {
    const grads = [normalMatrix(7, 33, 1), [normalVector(65, 2)], [[3]]]
    const tensors = grads.map((grad) => Tensor.from(grad))
    const total = Math.sqrt(grads.flat(2).reduce((sum, value) => sum + value ** 2, 0))
    expect(Math.abs(clipGrads(tensors, 2) / total - 1)).toBeLessThan(1e-6)
    tensors.forEach((tensor, i) => {
      expectClose(
        tensor,
        grads[i]!.map((row) => row.map((value) => (value * 2) / (total + 1e-6))),
        1e-6,
      )
    })
    expect(Math.hypot(...tensors.map(norm))).toBeCloseTo(2, 5)
  })
})

describe('clipGrads', () => {
  it('gives the norm before clipping, and writes in place', () => {
    const grads = [Tensor.from([3, 0]), Tensor.from([[4]])]
    const arrays = grads.map((grad) => grad.data)
    expect(clipGrads(grads, 1)).toBe(5)
    const rate = 1 / (5 + 1e-6)
    expect(grads.map((grad) => [...grad.data])).toEqual([
      [Math.fround(3 * Math.fround(rate)), 0],
      [Math.fround(4 * Math.fround(rate))],
    ])
    grads.forEach((grad, i) => {
      expect(grad.data).toBe(arrays[i])
    })
  })

  it('leaves gradients below the limit bit for bit as they are', () => {
    const grads = [Tensor.from([3, 0]), Tensor.from([4])]
    expect(clipGrads(grads, 5.1)).toBe(5)
    expect(grads.map((grad) => [...grad.data])).toEqual([[3, 0], [4]])
  })

  it('takes zero gradients, no gradients, and a limit of zero', () => {
    const zero = Tensor.zeros([3])
    expect(clipGrads([zero], 1)).toBe(0)
    expect([...zero.data]).toEqual([0, 0, 0])
    expect(clipGrads([], 1)).toBe(0)
    const grad = Tensor.from([2])
    expect(clipGrads([grad], 0)).toBe(2)
    expect(grad.item()).toBe(0)
  })

  it('does not overflow where squares leave float32', () => {
    const grad = Tensor.from([3e30, 4e30])
    expect(clipGrads([grad], 1) / 5e30).toBeCloseTo(1, 6)
    expectClose(grad, [0.6, 0.8], 1e-6)
  })

  it('only measures where the norm may be anything', () => {
    const grad = Tensor.from([3, 4])
    expect(clipGrads([grad], Infinity)).toBeCloseTo(5, 6)
    expect([...grad.data]).toEqual([3, 4])
  })

  it('names what does not fit', () => {
    expect(() => clipGrads([], -1)).toThrow(
      new RangeError('clipGrads: maxNorm: expected a number of at least 0, got -1'),
    )
    expect(() => clipGrads([], '1' as never)).toThrow(
      new TypeError('clipGrads: maxNorm: expected a number of at least 0, got "1"'),
    )
    expect(() => clipGrads([], Number.NaN)).toThrow(RangeError)
    expect(() => clipGrads(Tensor.zeros([1]) as never, 1)).toThrow(
      new TypeError('clipGrads: grads: expected an array of tensors, got Tensor'),
    )
    expect(() => clipGrads([Tensor.zeros([1]), [1] as never], 1)).toThrow(
      new TypeError('clipGrads: grads[1]: expected a Tensor, got [1]'),
    )
    expect(() => clipGrads([Tensor.zeros([1], 'int32') as never], 1)).toThrow(
      new TypeError('clipGrads: grads[0]: expected a Tensor of float32, got "int32"'),
    )
  })
})
