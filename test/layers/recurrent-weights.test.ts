import { describe, expect, it } from 'vitest'
import { Tensor } from '../../src/tensor/index.ts'
import { RECURRENT_KINDS } from '../support/recurrent-kinds.ts'

const LAYERS = RECURRENT_KINDS.flatMap(({ Step, Time, gates }) => [
  { name: Step.name, Layer: Step, gates },
  { name: Time.name, Layer: Time, gates },
])

describe.each(LAYERS)('weights of $name', ({ name, Layer, gates }) => {
  const [D, H] = [3, 4]
  const G = gates * H
  const [Wx, Wh, b] = [Tensor.zeros([D, G]), Tensor.zeros([H, G]), Tensor.zeros([G])]

  it('are kept as they are, with a gradient of zeros each', () => {
    const layer = new Layer(Wx, Wh, b)
    layer.params.forEach((param, i) => {
      expect(param).toBe([Wx, Wh, b][i])
      expect(layer.grads[i]!.shape).toEqual(param.shape)
      expect(layer.grads[i]!.data.every((value) => value === 0)).toBe(true)
    })
  })

  it('must fit each other and the number of gates', () => {
    expect(() => new Layer(Tensor.zeros([D, G + 1]), Wh, b)).toThrow(
      new RangeError(`${name}: Wx: expected the shape [3, ${G}], got [3, ${G + 1}]`),
    )
    expect(() => new Layer(Wx, Tensor.zeros([H, G + 1]), b)).toThrow(
      new RangeError(`${name}: Wh: expected the shape [4, ${G}], got [4, ${G + 1}]`),
    )
    expect(() => new Layer(Wx, Wh, Tensor.zeros([G + 1]))).toThrow(
      new RangeError(`${name}: b: expected the shape [${G}], got [${G + 1}]`),
    )
  })

  it('must be matrices and a vector of float32', () => {
    expect(() => new Layer(Tensor.zeros([3]) as never, Wh, b)).toThrow(
      new RangeError(`${name}: Wx: expected a matrix (rank 2), got [3]`),
    )
    expect(() => new Layer(Wx, Tensor.zeros([4]) as never, b)).toThrow(
      new RangeError(`${name}: Wh: expected a matrix (rank 2), got [4]`),
    )
    expect(() => new Layer(Wx, [[1]] as never, b)).toThrow(
      new TypeError(`${name}: Wh: expected a Tensor, got Array(1)`),
    )
    expect(() => new Layer(Wx, Wh, Tensor.zeros([G], 'int32') as never)).toThrow(
      new TypeError(`${name}: b: expected a Tensor of float32, got "int32"`),
    )
  })
})
