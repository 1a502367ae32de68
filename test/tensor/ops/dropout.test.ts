import { describe, expect, it } from 'vitest'
import { native } from '../../../src/native.ts'
import { Random, Tape, Tensor } from '../../../src/tensor/index.ts'
import { dropoutMask } from '../../../src/tensor/ops/dropout.ts'
import { expectNothingElseWritten } from '../../support/layouts.ts'
import { streamWords } from '../../support/philox.ts'
import { LENGTHS } from '../../support/random-tensor.ts'

describe('dropoutMask', () => {
  it('takes a word for each element, and whole blocks of four', () => {
    for (const length of LENGTHS) {
      const rng = new Random(41)
      const whole = Tensor.full([length + 2], Number.NaN)
      const out = whole.slice(0, 1, length + 1)
      dropoutMask(rng, 0.25, out)
      const words = streamWords(41n, 0n, length)
      const kept = Math.fround(1 / 0.75)
      expect(out.toArray()).toEqual(words.map((word) => (word < 2 ** 30 ? 0 : kept)))
      expect(rng.state.position).toBe(4 * Math.ceil(length / 4))
      expectNothingElseWritten(out)
    }
  })

  it('is not the same on a tape for another seed at the same position', () => {
    const position = new Float64Array(1)
    const out = Tensor.zeros([4])
    const tapeOf = (seed: bigint) =>
      Tape.record(() => native.dropoutMask(4, seed, position, 0, 0.5, out.data, out.offset))
    expect(tapeOf(1n).equals(tapeOf(1n))).toBe(true)
    expect(tapeOf(1n).equals(tapeOf(2n))).toBe(false)
  })

  it.each([
    [
      'elements that are not adjacent',
      () => dropoutMask(new Random(), 0.5, Tensor.zeros([3, 4]).slice(1, 0, 2)),
      'dropoutMask: out: expected adjacent elements, got [4, 1]',
    ],
    [
      'int32',
      () => dropoutMask(new Random(), 0.5, Tensor.zeros([3], 'int32') as never),
      'dropoutMask: out: expected a Tensor of float32, got "int32"',
    ],
    [
      'a ratio of 1',
      () => dropoutMask(new Random(), 1, Tensor.zeros([3])),
      'dropoutMask: ratio: expected a number in [0, 1), got 1',
    ],
    [
      'NaN',
      () => dropoutMask(new Random(), Number.NaN, Tensor.zeros([3])),
      'dropoutMask: ratio: expected a finite number of at least 0, got NaN',
    ],
  ])('refuses %s', (_, run, message) => {
    expect(run).toThrow(message)
  })
})
