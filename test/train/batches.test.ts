import { describe, expect, it } from 'vitest'
import { Batches } from '../../src/train/batches.ts'

/** Tokens 0, 1, 2 … and targets 1000, 1001, …, so that each number tells its place. */
function batchesOf(size: number, batchSize: number, timeSize: number): Batches {
  const tokens = Int32Array.from({ length: size }, (_, place) => place)
  return new Batches(
    'fit',
    tokens,
    tokens.map((place) => 1000 + place),
    batchSize,
    timeSize,
  )
}

describe('Batches', () => {
  it.each([
    [12, 2, 3],
    [13, 2, 3],
    [29, 4, 5],
    [6, 3, 2],
    [5, 1, 1],
    [7, 1, 7],
    [11, 11, 1],
    [999, 10, 5],
  ])(
    'of %i tokens, %i streams, %i steps: stream i starts at i · jump and runs on around the end',
    (size, N, T) => {
      const batches = batchesOf(size, N, T)
      const jump = Math.floor(size / N)
      const blocksOfThreeEpochs = 3 * Math.floor(size / (N * T))
      for (let k = 0; k < blocksOfThreeEpochs; k++) {
        batches.next()
        const places = Array.from({ length: N }, (_, i) =>
          Array.from({ length: T }, (_, t) => (i * jump + k * T + t) % size),
        )
        expect(batches.xs.toArray()).toEqual(places)
        expect(batches.ts.toArray()).toEqual(places.map((row) => row.map((place) => 1000 + place)))
      }
    },
  )

  it('wrap around in the middle of a block, and do not start anew with an epoch', () => {
    const batches = batchesOf(7, 2, 2)
    const blocks = Array.from({ length: 5 }, () => {
      batches.next()
      return batches.xs.toArray()
    })
    expect(batches.iterationsPerEpoch).toBe(1)
    expect(blocks).toEqual([
      [
        [0, 1],
        [3, 4],
      ],
      [
        [2, 3],
        [5, 6],
      ],
      [
        [4, 5],
        [0, 1],
      ],
      [
        [6, 0],
        [2, 3],
      ],
      [
        [1, 2],
        [4, 5],
      ],
    ])
  })

  it('have floor(size / (batchSize · timeSize)) iterations an epoch', () => {
    expect(batchesOf(999, 10, 5).iterationsPerEpoch).toBe(19)
    expect(batchesOf(1000, 10, 5).iterationsPerEpoch).toBe(20)
    expect(batchesOf(6, 2, 3).iterationsPerEpoch).toBe(1)
  })

  it('write every block to the same tensors', () => {
    const batches = batchesOf(12, 2, 3)
    const { xs, ts } = batches
    batches.next()
    batches.next()
    expect(batches.xs).toBe(xs)
    expect(batches.ts).toBe(ts)
    expect([xs.shape, xs.dtype]).toEqual([[2, 3], 'int32'])
  })

  it('say what does not fit', () => {
    expect(() => batchesOf(5, 2, 3)).toThrow(
      new RangeError(
        'fit: xs: expected at least batchSize × timeSize = 2 × 3 = 6 token ids (a longer text, or a smaller batchSize or timeSize), got 5',
      ),
    )
    expect(() => batchesOf(0, 1, 1)).toThrow(
      new RangeError(
        'fit: xs: expected at least batchSize × timeSize = 1 × 1 = 1 token ids (a longer text, or a smaller batchSize or timeSize), got 0',
      ),
    )
    expect(() => batchesOf(12, 0, 3)).toThrow(
      new RangeError('fit: batchSize: expected an integer of at least 1, got 0'),
    )
    expect(() => batchesOf(12, 2, 1.5)).toThrow(
      new RangeError('fit: timeSize: expected an integer of at least 1, got 1.5'),
    )
    expect(() => new Batches('fit', new Int32Array(6), new Int32Array(5), 1, 1)).toThrow(
      new RangeError('fit: ts: expected 6 token ids, as many as xs, got 5'),
    )
  })
})
