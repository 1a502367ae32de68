import { describe, expect, it } from 'vitest'
import { SGD } from '../../src/optim/index.ts'
import { Tensor } from '../../src/tensor/index.ts'
import { expectClose } from '../support/golden.ts'
import { describeEachIsa } from '../support/instruction-sets.ts'
import { normalMatrix } from '../support/reference-layers.ts'

describeEachIsa('SGD', () => {
  it('subtracts lr times the gradient', () => {
    const [W, dW] = [normalMatrix(7, 33, 1), normalMatrix(7, 33, 2)]
    const [param, grad] = [Tensor.from(W), Tensor.from(dW)]
    new SGD(0.1).update([param], [grad])
    expectClose(
      param,
      W.map((row, i) => row.map((value, j) => value - 0.1 * dW[i]![j]!)),
      1e-6,
    )
    expect(grad.toArray()).toEqual(dW)
  })
})

describe('SGD', () => {
  it('decays weights by as little as it is told', () => {
    const W = Array.from({ length: 10_000 }, (_, i) => 1 + i / 10_000)
    const param = Tensor.from(W)
    const before = param.clone()
    const grad = Tensor.full([10_000], 1e-3)
    new SGD(0.01, { weightDecay: 1e-3 }).update([param], [grad])
    const lost = before.data.reduce((sum, value, i) => sum + value - param.data[i]!, 0) - 10_000 * 1e-5
    expect(lost / before.data.reduce((sum, value) => sum + value * 1e-5, 0)).toBeCloseTo(1, 2)
  })

  it('changes each parameter in place, by exact values', () => {
    const params = [Tensor.from([1, 2, 3]), Tensor.from([[4], [-5]])]
    const arrays = params.map((param) => param.data)
    new SGD(0.5).update(params, [Tensor.from([2, 0, -4]), Tensor.from([[8], [1]])])
    expect(params.map((param) => param.toArray())).toEqual([
      [0, 2, 5],
      [[0], [-5.5]],
    ])
    params.forEach((param, i) => {
      expect(param.data).toBe(arrays[i])
    })
  })

  it('has the learning rate 0.01 unless told, and reads it anew at every update', () => {
    const sgd = new SGD()
    expect(sgd.lr).toBe(0.01)
    const param = Tensor.from([1])
    sgd.lr = 0.25
    sgd.update([param], [Tensor.from([2])])
    expect(param.item()).toBe(0.5)
  })

  it('names what does not fit', () => {
    expect(() => new SGD(-0.1)).toThrow(
      new RangeError('SGD: lr: expected a finite number of at least 0, got -0.1'),
    )
    expect(() => new SGD('0.1' as never)).toThrow(TypeError)
    expect(() => new SGD(0.1, { weightDecay: -1 })).toThrow(
      new RangeError('SGD: weightDecay: expected a finite number of at least 0, got -1'),
    )
    expect(() => new SGD(0.1, { decay: 1 } as never)).toThrow(TypeError)
    const sgd = new SGD(0.1)
    const [a, b] = [Tensor.zeros([2]), Tensor.zeros([3])]
    expect(() => sgd.update([a, b], [a])).toThrow(
      new RangeError('SGD.update: grads: expected 2 tensors, one for each parameter, got 1'),
    )
    expect(() => sgd.update([a, b], [a, a])).toThrow(
      new RangeError('SGD.update: grads[1]: expected the shape [3], got [2]'),
    )
    expect(() => sgd.update([a], [null as never])).toThrow(
      new TypeError('SGD.update: grads[0]: expected a Tensor, got null'),
    )
    expect(() => sgd.update([Tensor.zeros([2], 'int32') as never], [a])).toThrow(
      new TypeError('SGD.update: params[0]: expected a Tensor of float32, got "int32"'),
    )
  })

  it('changes nothing where a later gradient does not fit', () => {
    const [a, b] = [Tensor.from([1]), Tensor.from([1])]
    expect(() => new SGD(1).update([a, b], [Tensor.from([1]), Tensor.zeros([2])])).toThrow(RangeError)
    expect([a.item(), b.item()]).toEqual([1, 1])
  })
})
