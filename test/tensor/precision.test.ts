/** How exact products are in each precision, and that the choice is heeded. */
import { describe, expect, it } from 'vitest'
import type { Precision } from '../../src/native.ts'
import {
  kernels,
  matmul,
  matmulPacked,
  PackedMatrix,
  PRECISIONS,
  setFloat32MatmulPrecision,
  setThreads,
  Tape,
  Tensor,
} from '../../src/tensor/index.ts'
import { LAYOUTS } from '../support/layouts.ts'
import { describeEachPrecision } from '../support/precisions.ts'
import { checkProduct } from '../support/products.ts'
import { randomTensor } from '../support/random-tensor.ts'
import { elements, productOf } from '../support/reference-ops.ts'

/** Root mean square errors on normal numbers, relative to the product's own. */
const ERRORS: Record<Precision, [least: number, most: number]> = {
  highest: [0, 6e-7],
  high: [1e-6, 5e-6],
  medium: [1e-3, 2.5e-3],
}

function relativeError(actual: Tensor, truth: Float64Array): number {
  return Math.hypot(...elements(actual).map((value, i) => value - truth[i]!)) / Math.hypot(...truth)
}

const bytesOf = (tensor: Tensor): Buffer => Buffer.from(tensor.clone().data.slice().buffer)

describeEachPrecision('products', (precision) => {
  it.each([100, 650, 1500])('of %i terms have the errors of their precision', (k) => {
    const [m, n] = [70, 90]
    const a = randomTensor([m, k], 1)
    const b = randomTensor([k, n], 2)
    const truth = productOf({ m, n, k, a: elements(a), b: elements(b), transA: false, transB: false }).values
    const [least, most] = ERRORS[precision]
    for (const product of [matmul(a, b), matmulPacked(a, new PackedMatrix(k, n).pack(b))]) {
      expect(relativeError(product, truth)).toBeGreaterThanOrEqual(least)
      expect(relativeError(product, truth)).toBeLessThan(most)
    }
  })

  it.each([
    { transA: false, transB: false },
    { transA: true, transB: false },
    { transA: false, transB: true },
    { transA: true, transB: true },
  ])('at the edges of tiles, packed and not, transA $transA, transB $transB', (transposes) => {
    const rows = [0, 1, 16, 17, 33, 47]
    const columns = [0, 1, 15, 32, 49]
    const depths = [0, 1, 2, 31, 32, 33, 63, 64, 65]
    let seed = 0
    for (const m of rows) {
      for (const n of columns) {
        seed++
        const k = depths[seed % depths.length]!
        const layouts = [0, 1, 2].map((i) => LAYOUTS[(seed + i) % (i === 2 ? 4 : 5)]!) as never
        const accumulate = seed % 2 === 0
        const hasBias = seed % 3 === 0
        const activation = seed % 5 === 0 ? 'tanh' : undefined
        for (const isPacked of [true, false]) {
          checkProduct({ m, n, k, ...transposes, layouts, accumulate, hasBias, activation, isPacked, seed })
        }
      }
    }
  })

  it.each([352, 353, 704, 705])('over %i products, where blocks end', (k) => {
    checkProduct({ m: 40, n: 40, k, accumulate: true, hasBias: true })
    checkProduct({ m: 40, n: 40, k, transA: true, transB: true, activation: 'tanh' })
    checkProduct({ m: 3, n: 33, k, isPacked: true, hasBias: true })
  })

  it.each([257, 1025])('with %i columns, where blocks end', (n) => {
    checkProduct({ m: 35, n, k: 40, hasBias: true })
    checkProduct({ m: 35, n, k: 40, transB: true, isPacked: true, accumulate: true })
  })

  it('give the same bits on any number of threads', () => {
    const a = randomTensor([40, 200], 1)
    const b = randomTensor([200, 530], 2)
    const packed = new PackedMatrix(200, 530).pack(b)
    const before = kernels().threads
    const expected = bytesOf(matmul(a, b))
    for (const threads of [1, 2, 3, 8]) {
      setThreads(threads)
      const packedAgain = new PackedMatrix(200, 530).pack(b)
      for (const product of [matmul(a, b), matmulPacked(a, packed), matmulPacked(a, packedAgain)]) {
        expect(bytesOf(product).equals(expected)).toBe(true)
      }
    }
    setThreads(before)
  })

  it('hand NaN and infinity on to the row and column that they belong to, and to no other', () => {
    const [m, n, k] = [40, 50, 60]
    for (const special of [Number.NaN, Infinity, -Infinity]) {
      const a = randomTensor([m, k], 3)
      const b = randomTensor([k, n], 4)
      a.set(special, 3, 7)
      b.set(special, 11, n - 1)
      const product = { m, n, k, a: elements(a), b: elements(b), transA: false, transB: false }
      const truth = productOf(product).values
      const isWrong = (value: number, i: number) => !Number.isFinite(truth[i]) && !Object.is(value, truth[i])
      expect(elements(matmul(a, b)).findIndex(isWrong)).toBe(-1)
      expect(elements(matmulPacked(a, new PackedMatrix(k, n).pack(b))).findIndex(isWrong)).toBe(-1)
      const finite = (values: Float64Array) => values.filter(Number.isFinite).length
      expect(finite(elements(matmul(a, b)))).toBe(finite(truth))
    }
  })

  it('of infinities, zeros and large numbers are what float32 gives', () => {
    const values = [Infinity, -Infinity, 3.4e38, -3.395e38, 1e10, -1, 2 ** -120, 0, Number.NaN]
    const column = Tensor.zeros([40, 33])
    const row = Tensor.zeros([33, 40])
    values.forEach((value, i) => {
      column.set(value, i, 0)
      row.set(value, 0, i)
    })
    const product = matmulPacked(column, new PackedMatrix(33, 40).pack(row))
    values.forEach((a, i) => {
      values.forEach((b, j) => {
        const largest = Math.max(...[a, b].map(Math.abs).filter(Number.isFinite))
        if (precision === 'medium' && largest > 3.39e38) return // rounds to infinity
        const truth = Math.fround(a * b)
        const actual = product.at(i, j)
        const tolerance = Math.abs(truth) / 100
        if (Number.isFinite(truth)) expect(Math.abs(actual - truth)).toBeLessThanOrEqual(tolerance)
        else if (Number.isFinite(a * b)) expect(Number.isFinite(actual), `${a} · ${b}`).toBe(false)
        else expect(actual, `${a} · ${b}`).toBe(truth)
      })
    })
  })

  it('are recorded with their precision', () => {
    const [a, b] = [randomTensor([40, 64], 5), randomTensor([64, 40], 6)]
    const out = Tensor.zeros([40, 40])
    const tape = Tape.record(() => void matmul(a, b, { out }))
    const expected = matmul(a, b).data
    for (const other of PRECISIONS) {
      setFloat32MatmulPrecision(other)
      expect(tape.run()).toBe(true)
      expect(out.data).toEqual(expected)
    }
    setFloat32MatmulPrecision(precision)
  })
})

describe('setFloat32MatmulPrecision', () => {
  it.each([
    ['low', RangeError, 'got "low"'],
    ['', RangeError, 'got ""'],
    ['High', RangeError, 'got "High"'],
    [undefined, TypeError, 'got undefined'],
    [1, TypeError, 'got 1'],
    [{ toString: () => 'high' }, TypeError, 'got Object'],
  ])('refuses %j', (precision, type, message) => {
    const set = () => setFloat32MatmulPrecision(precision as Precision)
    expect(set).toThrow(type)
    expect(set).toThrow(
      `setFloat32MatmulPrecision: precision: expected 'highest', 'high' or 'medium', ${message}`,
    )
  })
})
