import { describe, expect, it } from 'vitest'
import { argmax, norm, scale, sum, sumOfSquares, Tensor } from '../../../src/tensor/index.ts'
import { expectWithin, ROUNDING } from '../../support/floats.ts'
import { describeEachIsa } from '../../support/instruction-sets.ts'
import { expectNothingElseWritten, inLayout, LAYOUTS } from '../../support/layouts.ts'
import { LENGTHS, randomTensor } from '../../support/random-tensor.ts'
import { argmaxOf, elements, lines, sumOf } from '../../support/reference-ops.ts'

/** Also around the blocks of 64 vectors (64, 256, 512 and 1,024 elements) that are summed in float32. */
const LONG_LENGTHS = [...LENGTHS, 127, 128, 129, 255, 256, 257, 511, 512, 513, 1023, 1024, 1025, 2051]
const SHAPES = [
  [],
  [5],
  [0],
  [3, 0],
  [0, 3],
  [7, 33],
  [33, 1],
  [2, 3, 5],
  [3, 1, 17],
  [2, 0, 3],
  [2, 3, 4, 5],
]

describeEachIsa('sum', () => {
  it('of all elements, at every length and layout', () => {
    for (const columns of LONG_LENGTHS) {
      for (const layout of LAYOUTS) {
        const a = inLayout(randomTensor([2, columns], columns), layout)
        const values = elements(a)
        const limit = 80 * ROUNDING * sumOf(values.map(Math.abs))
        expect(Math.abs(sum(a) - sumOf(values))).toBeLessThanOrEqual(limit)
      }
    }
  })

  it('along every axis, in every layout', () => {
    for (const shape of SHAPES) {
      for (const layout of LAYOUTS) {
        const a = inLayout(randomTensor(shape, 1), layout)
        for (let axis = 0; axis < shape.length; axis++) {
          const { shape: rest, lines: summed } = lines(a, axis)
          const expected = { shape: rest, values: Float64Array.from(summed, sumOf) }
          const limit = (i: number): number => 40 * ROUNDING * sumOf(summed[i]!.map(Math.abs))
          expectWithin(sum(a, axis), expected, limit)
          expectWithin(sum(a, axis - shape.length), expected, limit)
          const out = Tensor.full(rest, Number.NaN)
          expect(sum(a, axis, { out })).toBe(out)
          expectWithin(out, expected, limit)
        }
      }
    }
  })

  it('down the rows and along the columns of a matrix, at every length', () => {
    for (const columns of LONG_LENGTHS) {
      const a = randomTensor([3, columns], columns)
      for (const axis of [0, 1]) {
        const { shape, lines: summed } = lines(a, axis)
        const expected = { shape, values: Float64Array.from(summed, sumOf) }
        const out = inLayout(Tensor.zeros(shape), 'offset')
        expectWithin(sum(a, axis, { out }), expected, (i) => 80 * ROUNDING * sumOf(summed[i]!.map(Math.abs)))
        expectNothingElseWritten(out)
      }
    }
  })

  it('keeps its precision over a million elements', () => {
    expect(sum(Tensor.full([1_000_003], 0.1)) / (1_000_003 * Math.fround(0.1))).toBeCloseTo(1, 6)
  })

  it('where out is a part of what is summed', () => {
    for (const axis of [0, 1]) {
      for (const row of [0, 1, 19]) {
        const a = randomTensor([20, 20], 2)
        const { lines: summed } = lines(a, axis)
        const expected = { shape: [20], values: Float64Array.from(summed, sumOf) }
        expectWithin(
          sum(a, axis, { out: a.select(0, row) }),
          expected,
          (i) => 20 * ROUNDING * sumOf(summed[i]!.map(Math.abs)),
        )
      }
    }
  })

  it('hands NaN and infinity on from every place', () => {
    for (const length of [1, 3, 4, 7, 8, 15, 16, 17, 33, 65]) {
      for (let place = 0; place < length; place++) {
        const a = Tensor.full([1, length], 1)
        for (const special of [Infinity, -Infinity, Number.NaN]) {
          a.set(special, 0, place)
          expect([sum(a), sum(a, 1).item(), sum(a, 0).at(place)]).toEqual([special, special, special])
        }
        if (length > 1) {
          a.set(Infinity, 0, place)
          a.set(-Infinity, 0, (place + 1) % length)
          expect([sum(a), sum(a, 1).item()]).toEqual([Number.NaN, Number.NaN])
        }
      }
    }
  })
})

function squaresOf(a: Tensor): number {
  const out = new Float64Array(3)
  sumOfSquares(a, out, 1)
  expect([out[0], out[2]]).toEqual([0, 0])
  return out[1]!
}

describeEachIsa('norm', () => {
  it('at every length and layout', () => {
    for (const columns of LONG_LENGTHS) {
      for (const layout of LAYOUTS) {
        const a = inLayout(randomTensor([2, columns], columns), layout)
        const squares = sumOf(elements(a).map((x) => x * x))
        expect(Math.abs(squaresOf(a) - squares)).toBeLessThanOrEqual(80 * ROUNDING * squares)
        expect(Math.abs(norm(a) - Math.sqrt(squares))).toBeLessThanOrEqual(80 * ROUNDING * Math.sqrt(squares))
      }
    }
  })

  it.each([1e-45, 1e-38, 1e-30, 1e-19, 1e-10, 1, 1e10, 1e18, 1e20, 1e38])('of elements around %d', (size) => {
    for (const length of [1, 3, 17, 300, 1025]) {
      const a = Tensor.full([length], 1)
      scale(a, size, { out: a })
      const expected = Math.fround(size) * Math.sqrt(length)
      expect(norm(a) / expected).toBeCloseTo(1, 5)
      expect(squaresOf(a) / expected ** 2).toBeCloseTo(1, 5)
    }
  })

  it('of tiny and huge elements together', () => {
    expect(norm(Tensor.from([3e20, 1e-30, 4e20, 1]))).toBeCloseTo(5e20, -15)
    expect(
      norm(
        Tensor.from([
          [1e-30, 1e-30],
          [3, 4],
        ]),
      ),
    ).toBeCloseTo(5, 5)
  })

  it('of nothing and of zeros is 0, of NaN is NaN, of infinities infinite', () => {
    expect(norm(Tensor.zeros([0]))).toBe(0)
    expect(norm(Tensor.zeros([4, 9]))).toBe(0)
    expect(norm(Tensor.from([1, Number.NaN, Infinity]))).toBeNaN()
    expect(norm(Tensor.from([1, -Infinity]))).toBe(Infinity)
  })
})

describeEachIsa('argmax', () => {
  it('along every axis, in every layout', () => {
    for (const shape of SHAPES) {
      for (const layout of LAYOUTS) {
        const a = inLayout(randomTensor(shape, 3), layout)
        for (let axis = 0; axis < shape.length; axis++) {
          if (shape[axis] === 0) continue
          const { shape: rest, lines: compared } = lines(a, axis)
          for (const found of [argmax(a, axis), argmax(a, axis - shape.length)]) {
            expect(found.dtype).toBe('int32')
            expect(found.shape).toEqual(rest)
            expect([...elements(found)]).toEqual(compared.map(argmaxOf))
          }
        }
      }
    }
  })

  it('takes the first of equals, and a NaN for the largest', () => {
    const rows = [
      [1, 3, 3, 2],
      [0, -0, 0, -0],
      [-Infinity, -Infinity, -Infinity, -Infinity],
      [Infinity, Number.NaN, 5, Number.NaN],
      [Number.NaN, Infinity, Number.NaN, 1],
      [1, 2, Infinity, Infinity],
    ]
    expect(argmax(Tensor.from(rows), 1).toArray()).toEqual([1, 0, 0, 1, 0, 2])
    expect(argmax(Tensor.from(rows), 0).toArray()).toEqual([4, 3, 4, 3])
  })
})

describe('what reductions refuse', () => {
  const matrix = Tensor.zeros([2, 3])

  it.each([
    [
      'an axis that is none',
      () => sum(matrix, 2),
      'sum: axis: expected an axis of a tensor of rank 2, got 2',
    ],
    [
      'an axis before the first',
      () => argmax(matrix, -3),
      'argmax: axis: expected an axis of a tensor of rank 2, got -3',
    ],
    ['an axis that is no integer', () => sum(matrix, 0.5), 'sum: axis: expected an integer, got 0.5'],
    [
      'the largest of nothing',
      () => argmax(Tensor.zeros([2, 0]), 1),
      'argmax: a: expected at least one element along axis 1, got [2, 0]',
    ],
    [
      'an out of another shape',
      () => sum(matrix, 0, { out: Tensor.zeros([2]) }),
      'sum: out: expected the shape [3], got [2]',
    ],
    [
      'an out whose elements are apart',
      () => sum(matrix, 0, { out: inLayout(Tensor.zeros([3]), 'picked') }),
      'sum: out: expected adjacent elements',
    ],
    [
      'int32',
      () => norm(Tensor.zeros([2], 'int32') as unknown as Tensor),
      'norm: a: expected a Tensor of float32, got "int32"',
    ],
    ['what is no tensor', () => sum([1, 2] as unknown as Tensor), 'sum: a: expected a Tensor, got [1, 2]'],
  ])('%s', (_, run, message) => {
    expect(run).toThrow(message)
  })
})
