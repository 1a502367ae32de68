import { describe, expect, it } from 'vitest'
import { Tensor } from '../../../src/tensor/index.ts'
import { type CompactFormat, CompactMatrix, matmulCompact } from '../../../src/tensor/ops/compact-weights.ts'
import { bitsOf, expectWithin, fromBits, ROUNDING } from '../../support/floats.ts'
import { describeEachIsa } from '../../support/instruction-sets.ts'
import { randomTensor } from '../../support/random-tensor.ts'

const FORMATS: readonly CompactFormat[] = ['bfloat16', 'int8']

/** The value of a weight in a format, computed from its definition. */
function rounded(weight: number, format: CompactFormat, largest: number): number {
  if (format === 'bfloat16') {
    const bits = bitsOf(weight)
    const upper = bits >>> 16
    const lower = bits & 0xffff
    const up = lower > 0x8000 || (lower === 0x8000 && upper % 2 === 1)
    return fromBits(((upper + (up ? 1 : 0)) << 16) >>> 0)
  }
  const scale = Math.fround(largest / 127)
  if (scale === 0) return 0
  const scaled = Math.fround(weight / scale)
  const down = Math.floor(scaled)
  const nearest = scaled - down === 0.5 ? down + (Math.abs(down) % 2) : Math.round(scaled)
  return scale * Math.min(127, Math.max(-127, nearest))
}

interface Case {
  m: number
  n: number
  k: number
  format: CompactFormat
  transB?: boolean
  accumulate?: boolean
  hasBias?: boolean
}

/** Compares with float64 sums over the rounded weights. */
function check({ m, n, k, format, transB = false, accumulate = false, hasBias = false }: Case): void {
  const a = randomTensor([m, k], 1)
  const b = randomTensor(transB ? [n, k] : [k, n], 2)
  const bias = randomTensor([n], 3)
  const before = randomTensor([m, n], 4)
  const wide = Tensor.full([m, n + 3], Number.NaN)
  const out = wide.slice(1, 1, n + 1)
  out.copyFrom(before)
  const packed = new CompactMatrix(k, n, format).pack(b, { transB })
  matmulCompact(a, packed, { out, accumulate, ...(hasBias ? { bias } : {}) })
  const truth = new Float64Array(m * n)
  const limit = new Float64Array(m * n)
  for (let j = 0; j < n; j++) {
    const column = Array.from({ length: k }, (_, p) => b.data[transB ? j * k + p : p * n + j]!)
    const largest = column.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0)
    const weights = column.map((weight) => rounded(weight, format, largest))
    for (let i = 0; i < m; i++) {
      let sum = (hasBias ? bias.at(j) : 0) + (accumulate ? before.at(i, j) : 0)
      let size = Math.abs(sum)
      weights.forEach((weight, p) => {
        sum += a.data[i * k + p]! * weight
        size += Math.abs(a.data[i * k + p]! * weight)
      })
      truth[i * n + j] = sum
      limit[i * n + j] = (k + 4) * ROUNDING * size
    }
  }
  expectWithin(out, { shape: [m, n], values: truth }, (i) => limit[i]!)
  for (let i = 0; i < m; i++)
    expect([wide.at(i, 0), wide.at(i, n + 1), wide.at(i, n + 2)]).toEqual([NaN, NaN, NaN])
}

describeEachIsa('matmulCompact', () => {
  it.each(FORMATS)('at the edges of panels, vectors and rows: %s', (format) => {
    for (const m of [1, 2, 3, 4, 5, 9]) {
      for (const n of [1, 3, 4, 15, 16, 17, 63, 64, 65, 130])
        check({ m, n, k: [0, 1, 2, 33][(m + n) % 4]!, format, hasBias: n % 2 === 0, accumulate: m % 2 === 0 })
    }
  })

  it.each(FORMATS)('of a transposed matrix: %s', (format) => {
    check({ m: 3, n: 70, k: 20, format, transB: true, hasBias: true })
  })

  it.each(FORMATS)('of a size that threads share: %s', (format) => {
    check({ m: 4, n: 1030, k: 1000, format })
  })
})

describe('CompactMatrix', () => {
  it('rounds int8 to steps of the largest weight of a column / 127', () => {
    const W = Tensor.from([
      [127, 1],
      [-63.4, -0.5],
      [0, 0],
    ])
    const packed = new CompactMatrix(3, 2, 'int8').pack(W)
    const identity = Tensor.from([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ])
    const step = Math.fround(1 / 127)
    expect(matmulCompact(identity, packed).toArray()).toEqual([
      [127, Math.fround(127 * step)],
      [-63, Math.fround(-64 * step)],
      [0, 0],
    ])
  })

  it('takes half or a quarter of the bytes of float32', () => {
    expect(new CompactMatrix(650, 640, 'bfloat16').byteLength).toBe(650 * 640 * 2)
    expect(new CompactMatrix(650, 640, 'int8').byteLength).toBe(650 * 640 + 640 * 4)
  })

  it('checks its arguments', () => {
    expect(() => new CompactMatrix(2, 2, 'float64' as CompactFormat)).toThrow(
      "CompactMatrix: format: expected 'bfloat16' or 'int8', got \"float64\"",
    )
    const packed = new CompactMatrix(2, 3, 'int8')
    expect(() => packed.pack(Tensor.zeros([3, 2]))).toThrow(/^pack: b: expected the shape \[2, 3\]/)
    const a = Tensor.zeros([1, 2])
    expect(() => matmulCompact(Tensor.zeros([1, 3]), packed)).toThrow(/^matmul: inner dimensions differ/)
    expect(() => matmulCompact(a, packed, { out: Tensor.zeros([1, 2]) })).toThrow(/out: expected the shape/)
    expect(() => matmulCompact(a, packed, { accumulate: true })).toThrow(/out: expected a Tensor to add to/)
    expect(() => matmulCompact(Tensor.zeros([2, 1]).transpose(), packed)).not.toThrow()
    expect(() => matmulCompact(Tensor.zeros([2, 2]).transpose(), packed)).toThrow(/a: expected columns/)
  })
})
