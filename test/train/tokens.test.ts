import { describe, expect, it } from 'vitest'
import { atOnce } from '../../src/pace.ts'
import { Tensor } from '../../src/tensor/index.ts'
import { readTokens } from '../../src/train/tokens.ts'

const read = (tokens: unknown) => atOnce(readTokens('fit', 'xs', tokens, 5))

describe('readTokens', () => {
  it('takes an Int32Array as it is, numbers, and int32 tensors of rank 1', () => {
    const ids = Int32Array.of(0, 4, 2)
    expect(read(ids)).toBe(ids)
    expect(read([0, 4, 2])).toEqual(ids)
    expect(read(Tensor.from(ids))).toEqual(ids)
    const column = Tensor.from(Int32Array.of(0, 1, 4, 1, 2, 1), [3, 2]).select(1, 0)
    expect(column.isContiguous).toBe(false)
    expect(read(column)).toEqual(ids)
    expect(read([])).toEqual(new Int32Array(0))
  })

  it('names an id outside the vocabulary and its place', () => {
    expect(() => read([0, 1, 5])).toThrow(
      new RangeError("fit: xs: token id 5 at 2 is outside 0…4 (the model's vocabulary)"),
    )
    expect(() => read(Int32Array.of(0, -1))).toThrow(
      new RangeError("fit: xs: token id -1 at 1 is outside 0…4 (the model's vocabulary)"),
    )
  })

  it('refuses what is no list of integers', () => {
    expect(() => read([0, 1.5])).toThrow(new RangeError('fit: xs[1]: expected an integer, got 1.5'))
    expect(() => read([0, '1'])).toThrow(new RangeError('fit: xs[1]: expected an integer, got "1"'))
    expect(() => read([0, Number.NaN])).toThrow(new RangeError('fit: xs[1]: expected an integer, got NaN'))
    expect(() => read([2 ** 32])).toThrow(new RangeError('fit: xs[0]: expected an integer, got 4294967296'))
    const expected = 'token ids: an Int32Array, an array or an int32 Tensor'
    expect(() => read(undefined)).toThrow(new TypeError(`fit: xs: expected ${expected}, got undefined`))
    expect(() => read('a text')).toThrow(new TypeError(`fit: xs: expected ${expected}, got "a text"`))
    expect(() => read(new Float32Array(3))).toThrow(
      new TypeError(`fit: xs: expected ${expected}, got Float32Array(3)`),
    )
    expect(() => read(Tensor.zeros([3]))).toThrow(new TypeError(`fit: xs: expected ${expected}, got Tensor`))
    expect(() => read(Tensor.zeros([3, 1], 'int32'))).toThrow(
      new RangeError('fit: xs: expected a tensor of rank 1, got [3, 1]'),
    )
  })
})
