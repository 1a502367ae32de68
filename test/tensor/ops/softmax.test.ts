import { describe, expect, it } from 'vitest'
import { native } from '../../../src/native.ts'
import {
  countTargets,
  crossEntropy,
  crossEntropyWithGradient,
  logSoftmax,
  Scalar,
  scale,
  softmax,
  Tensor,
} from '../../../src/tensor/index.ts'
import { expectWithin } from '../../support/floats.ts'
import { describeEachIsa } from '../../support/instruction-sets.ts'
import { expectNothingElseWritten, inLayout, LAYOUTS } from '../../support/layouts.ts'
import { LENGTHS, randomTensor } from '../../support/random-tensor.ts'
import { crossEntropyOf, elements, lines, softmaxOf } from '../../support/reference-ops.ts'

const LONG_LENGTHS = [...LENGTHS, 255, 256, 257, 1023, 1024, 1025]
const IGNORED = -1

function scoresOf(shape: number[], seed: number): Tensor {
  return scale(randomTensor(shape, seed), 5)
}

function probabilities(scores: Tensor): Float64Array {
  return Float64Array.from(lines(scores, scores.rank - 1).lines.flatMap(softmaxOf))
}

describeEachIsa('softmax', () => {
  it('at every length and layout, in place too', () => {
    for (const columns of LONG_LENGTHS) {
      for (const layout of LAYOUTS) {
        const a = inLayout(scoresOf([3, columns], columns), layout)
        const expected = { shape: [3, columns], values: probabilities(a) }
        const limit = (i: number): number => 1e-5 * expected.values[i]! + 1e-37
        expectWithin(softmax(a), expected, limit)
        const out = inLayout(Tensor.zeros([3, columns]), layout)
        expect(softmax(a, { out })).toBe(out)
        expectWithin(out, expected, limit)
        expectNothingElseWritten(out)
        expectWithin(softmax(a, { out: a }), expected, limit)
        expectNothingElseWritten(a)
      }
    }
  })

  it('of any rank, over the last axis', () => {
    for (const shape of [[], [9], [2, 3, 17], [2, 0, 4], [2, 3, 4, 5]]) {
      const a = scoresOf(shape, 1)
      const expected = shape.length === 0 ? Float64Array.of(1) : probabilities(a)
      expectWithin(softmax(a), { shape, values: expected }, (i) => 1e-5 * expected[i]!)
    }
  })

  it('where out overlaps its operand', () => {
    const block = scoresOf([4, 21], 2)
    const [from, to] = [block.slice(1, 0, 20), block.slice(1, 1, 21)]
    const expected = probabilities(from)
    expectWithin(softmax(from, { out: to }), { shape: [4, 20], values: expected }, (i) => 1e-5 * expected[i]!)
  })

  it('of scores far from 0 and far apart', () => {
    expect(softmax(Tensor.from([1e4, 1e4, -1e4])).toArray()).toEqual([0.5, 0.5, 0])
    expect(softmax(Tensor.from([-3e38, 3e38])).toArray()).toEqual([0, 1])
    expect(softmax(Tensor.from([-Infinity, 2, -Infinity, 2])).toArray()).toEqual([0, 0.5, 0, 0.5])
    expect(softmax(Tensor.full([40], -1e30)).data.every((p) => Math.abs(p - 1 / 40) < 1e-8)).toBe(true)
  })

  it('is NaN in a row with a NaN or a positive infinity at any place, and in no other row', () => {
    for (const columns of [1, 3, 4, 8, 15, 16, 17, 35]) {
      for (let place = 0; place < columns; place++) {
        for (const special of [Number.NaN, Infinity]) {
          const a = scoresOf([3, columns], 3)
          a.set(special, 1, place)
          const result = softmax(a)
          expect(result.select(0, 1).toArray()).toEqual(new Array(columns).fill(Number.NaN))
          expect(
            [...elements(result.select(0, 0)), ...elements(result.select(0, 2))].some(Number.isNaN),
          ).toBe(false)
        }
      }
    }
    expect(softmax(Tensor.full([3], -Infinity)).toArray()).toEqual([Number.NaN, Number.NaN, Number.NaN])
  })
})

interface Loss {
  loss: number
  counted: number
  losses: Float64Array
}

function lossOf(scores: Tensor, targets: Tensor<'int32'>, ignored = IGNORED): Loss {
  const losses = new Float64Array(targets.size).fill(7)
  const result = { sum: new Scalar(), counted: new Scalar() }
  countTargets('loss', targets, scores.shape.at(-1)!, ignored, result)
  crossEntropy('loss', scores, targets, ignored, losses, result)
  return { loss: result.sum.value, counted: result.counted.value, losses }
}

function lossWithGradientOf(scores: Tensor, targets: Tensor<'int32'>, ignored: number, out: Tensor): Loss {
  const losses = new Float64Array(targets.size).fill(7)
  const result = { sum: new Scalar(), counted: new Scalar() }
  countTargets('loss', targets, scores.shape.at(-1)!, ignored, result)
  crossEntropyWithGradient('loss', scores, targets, ignored, losses, result, out)
  return { loss: result.sum.value, counted: result.counted.value, losses }
}

/** Every third target is the ignored one. */
function targetsFor(shape: number[], classes: number, ignored: number): Tensor<'int32'> {
  const targets = Tensor.zeros(shape, 'int32')
  targets.data.forEach((_, i) => {
    targets.data[i] = i % 3 === 1 ? ignored : (i * 7) % classes
  })
  return targets
}

describeEachIsa('cross-entropy', () => {
  it.each([IGNORED, 0, -2147483648, 2147483647])(
    'and its gradient, with ignored rows marked by %i',
    (ignored) => {
      for (const classes of LONG_LENGTHS.filter((length) => length > 1)) {
        const scores = scoresOf([2, 4, classes], classes)
        const targets = targetsFor([2, 4], classes, ignored)
        const rows = lines(scores, 2).lines
        const counting = rows.map((_, i) => targets.data[i] !== ignored)
        const expected = rows.map((row, i) => (counting[i] ? crossEntropyOf(row, targets.data[i]!) : 0))
        const total = expected.reduce((loss, ofRow) => loss + ofRow, 0)

        const lossAlone = lossOf(scores, targets, ignored)
        const { loss, counted, losses } = lossAlone
        expect(counted).toBe(counting.filter(Boolean).length)
        expect(Math.abs(loss - total)).toBeLessThanOrEqual(1e-5 * Math.max(1, total))
        losses.forEach((ofRow, i) => {
          expect(Math.abs(ofRow - expected[i]!)).toBeLessThanOrEqual(1e-5 * Math.max(1, expected[i]!))
        })

        const gradient = Float64Array.from(
          rows.flatMap((row, i) =>
            softmaxOf(row).map((p, j) => (counting[i] ? (p - (j === targets.data[i] ? 1 : 0)) / counted : 0)),
          ),
        )
        const out = Tensor.full(scores.shape, Number.NaN)
        const before = scores.clone()
        expect(lossWithGradientOf(scores, targets, ignored, out)).toEqual(lossAlone)
        expectWithin(out, { shape: [2, 4, classes], values: gradient }, () => 3e-7)
        expect(scores.toArray()).toEqual(before.toArray())

        expect(lossWithGradientOf(scores, targets, ignored, scores)).toEqual(lossAlone)
        expect(scores.toArray()).toEqual(out.toArray())
      }
    },
  )

  it('of rows with gaps between them, which stay as they are', () => {
    const scores = scoresOf([5, 37], 3)
    const targets = targetsFor([5], 37, IGNORED)
    const gradient = Tensor.zeros(scores.shape)
    const expected = lossWithGradientOf(scores, targets, IGNORED, gradient)
    const padded = inLayout(scores, 'padded')
    expect(lossWithGradientOf(padded, targets, IGNORED, padded)).toEqual(expected)
    expect(padded.toArray()).toEqual(gradient.toArray())
    expectNothingElseWritten(padded)
  })

  it('of rows that are all ignored is 0 of none', () => {
    const scores = scoresOf([3, 5], 1)
    const targets = Tensor.from(Int32Array.of(-1, -1, -1))
    const nothing = { loss: 0, counted: 0, losses: new Float64Array(3) }
    expect(lossOf(scores, targets)).toEqual(nothing)
    const out = Tensor.full([3, 5], Number.NaN)
    expect(lossWithGradientOf(scores, targets, IGNORED, out)).toEqual(nothing)
    expect(elements(out).every((value) => value === 0)).toBe(true)
  })

  it('stays finite where probabilities vanish', () => {
    const scores = Tensor.from([[1000, 0, -1000]])
    expect(lossOf(scores, Tensor.from(Int32Array.of(2))).loss).toBe(2000)
    expect(lossOf(scores, Tensor.from(Int32Array.of(0))).loss).toBe(0)
  })

  it('is NaN or infinite where a score is', () => {
    const target = Tensor.from(Int32Array.of(1))
    expect(lossOf(Tensor.from([[0, 1, Number.NaN]]), target).loss).toBeNaN()
    expect(lossOf(Tensor.from([[0, 1, Infinity]]), target).loss).toBeNaN()
    expect(lossOf(Tensor.from([[0, -Infinity, 1]]), target).loss).toBe(Infinity)
  })
})

it('targets in the memory of the losses are ignored once they are no columns', () => {
  const losses = new Float64Array(3)
  const targets = new Int32Array(losses.buffer, 0, 3)
  const operands = [new Float32Array(6).fill(1e9), 0, 2, targets, 0, IGNORED, losses, 0] as const
  const [sum, counted, out] = [new Float64Array(1), new Float64Array(1), new Float32Array(6)]
  expect(native.crossEntropyWithGradient(3, 2, ...operands, sum, 0, counted, 0, out, 0, 2)).toBe(-1)
  expect(losses[1]).toBe(0)
  losses.fill(0)
  expect(native.crossEntropy(3, 2, ...operands, sum, 0)).toBe(-1)
  expect(losses[1]).toBe(0)
})

describeEachIsa('logSoftmax', () => {
  it('is the logarithm of softmax, also for scores far apart', () => {
    for (const columns of LENGTHS.filter((length) => length > 0)) {
      const a = randomTensor([3, columns], columns)
      a.data[0] = 80
      const expected = Float64Array.from(
        lines(a, 1).lines.flatMap((row) => {
          const largest = Math.max(...row)
          const sum = row.reduce((total, score) => total + Math.exp(score - largest), 0)
          return row.map((score) => score - largest - Math.log(sum))
        }),
      )
      const limit = (i: number) => 2e-6 * (1 + Math.abs(expected[i]!))
      expectWithin(logSoftmax(a), { shape: [3, columns], values: expected }, limit)
      expectWithin(logSoftmax(a, { out: a }), { shape: [3, columns], values: expected }, limit)
    }
  })
})

describe('what softmax and cross-entropy refuse', () => {
  const scores: Tensor = Tensor.zeros([2, 3, 5])
  const losses = new Float64Array(6)
  const result = { sum: new Scalar(), counted: new Scalar() }
  const targets = (...ids: number[]): Tensor<'int32'> => Tensor.from(Int32Array.from(ids), [2, 3])

  it.each([
    [5, 'loss: ts: token id 5 at [1, 2] is outside 0…4'],
    [-2, 'loss: ts: token id -2 at [1, 2] is outside 0…4'],
    [-2147483648, 'loss: ts: token id -2147483648 at [1, 2] is outside 0…4'],
  ])('a target %i, naming it and its place, and write nothing', (id, message) => {
    const wrong = targets(0, -1, 4, 3, 2, id)
    const out = Tensor.full([2, 3, 5], 7)
    const untouched = new Float64Array(6).fill(7)
    expect(() => crossEntropy('loss', scores, wrong, IGNORED, untouched, result)).toThrow(message)
    expect(() => crossEntropyWithGradient('loss', scores, wrong, IGNORED, untouched, result, out)).toThrow(
      message,
    )
    expect([...elements(out), ...untouched].every((value) => value === 7)).toBe(true)
  })

  it.each([
    [
      'targets of another shape',
      () => crossEntropy('loss', scores, Tensor.zeros([6], 'int32'), IGNORED, losses, result),
      'loss: ts: expected the shape [2, 3], got [6]',
    ],
    [
      'float32 targets',
      () =>
        crossEntropy(
          'loss',
          scores,
          Tensor.zeros([2, 3]) as unknown as Tensor<'int32'>,
          IGNORED,
          losses,
          result,
        ),
      'loss: ts: expected a Tensor of int32, got "float32"',
    ],
    [
      'losses that are too short',
      () => crossEntropy('loss', scores, targets(0, 0, 0, 0, 0, 0), IGNORED, new Float64Array(5), result),
      'losses',
    ],
    [
      'losses that are too short, with the gradient',
      () =>
        crossEntropyWithGradient(
          'loss',
          scores,
          targets(0, 0, 0, 0, 0, 0),
          IGNORED,
          new Float64Array(5),
          result,
          Tensor.zeros([2, 3, 5]),
        ),
      'losses',
    ],
    [
      'scores whose elements are apart',
      () =>
        crossEntropy('loss', inLayout(scores, 'padded'), targets(0, 0, 0, 0, 0, 0), IGNORED, losses, result),
      'loss: xs: expected rows of adjacent elements',
    ],
    [
      'a gradient of another shape',
      () =>
        crossEntropyWithGradient(
          'loss',
          scores,
          targets(0, 0, 0, 0, 0, 0),
          IGNORED,
          losses,
          result,
          Tensor.zeros([6, 5]),
        ),
      'loss: out: expected the shape [2, 3, 5], got [6, 5]',
    ],
    [
      'a gradient whose elements are apart',
      () =>
        crossEntropyWithGradient(
          'loss',
          scores,
          targets(0, 0, 0, 0, 0, 0),
          IGNORED,
          losses,
          result,
          inLayout(scores, 'middle'),
        ),
      'loss: out: expected rows of adjacent elements',
    ],
    [
      'an out of another shape',
      () => softmax(scores, { out: Tensor.zeros([2, 15]) }),
      'softmax: out: expected the shape [2, 3, 5], got [2, 15]',
    ],
    [
      'int32 scores',
      () => softmax(targets(0, 0, 0, 0, 0, 0) as unknown as Tensor),
      'softmax: a: expected a Tensor of float32, got "int32"',
    ],
  ])('%s', (_, run, message) => {
    expect(run).toThrow(message)
  })
})
