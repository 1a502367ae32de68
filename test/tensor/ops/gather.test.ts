import { describe, expect, it } from 'vitest'
import { native } from '../../../src/native.ts'
import { clearRows, gatherRows, scatterAddRows, Tensor } from '../../../src/tensor/index.ts'
import type { Table } from '../../../src/tensor/ops/gather.ts'
import { fromBits } from '../../support/floats.ts'
import { describeEachIsa } from '../../support/instruction-sets.ts'
import { expectNothingElseWritten, inLayout, LAYOUTS } from '../../support/layouts.ts'
import { LENGTHS, randomTensor } from '../../support/random-tensor.ts'
import { elements } from '../../support/reference-ops.ts'

const VOCABULARY = 9

function tableOf(columns: number, seed = 1): Table {
  return inLayout(randomTensor([VOCABULARY, columns], seed), 'offset') as Table
}

/** First and last ids, and one that occurs three times. */
function idsOf(): Tensor<'int32'> {
  return Tensor.from(
    [
      [0, 8, 3],
      [3, 5, 3],
    ],
    undefined,
    'int32',
  )
}

function rowsOf(tensor: Tensor): number[][] {
  return tensor.toArray() as number[][]
}

describeEachIsa('rows of a table', () => {
  it('are gathered', () => {
    for (const columns of LENGTHS) {
      const table = tableOf(columns)
      const ids = idsOf()
      const out = inLayout(Tensor.zeros([2, 3, columns]), 'offset')
      gatherRows('lookup', table, ids, out)
      expect(out.toArray()).toEqual([0, 1].map((n) => [0, 1, 2].map((t) => rowsOf(table)[ids.at(n, t)])))
      expectNothingElseWritten(out)
    }
  })

  it('are added to in the order of the ids, and no others are touched', () => {
    for (const columns of LENGTHS) {
      const table = tableOf(columns)
      const ids = idsOf()
      const added = randomTensor([2, 3, columns], 2)
      const expected = rowsOf(table)
      elements(ids).forEach((id, i) => {
        expected[id] = expected[id]!.map((value, j) => Math.fround(value + added.data[i * columns + j]!))
      })
      scatterAddRows('gradient', table, ids, added)
      expect(rowsOf(table)).toEqual(expected)
      expectNothingElseWritten(table)
    }
  })

  it('hand NaN and infinity on', () => {
    const table = tableOf(3)
    scatterAddRows('gradient', table, Tensor.from(Int32Array.of(2)), Tensor.from([[Number.NaN, Infinity, 1]]))
    expect(rowsOf(table)[2]!.slice(0, 2)).toEqual([Number.NaN, Infinity])
  })

  it('are none for no ids', () => {
    const table = tableOf(4)
    const before = rowsOf(table)
    const none = Tensor.zeros([0, 3], 'int32')
    gatherRows('lookup', table, none, Tensor.zeros([0, 3, 4]))
    scatterAddRows('gradient', table, none, Tensor.zeros([0, 3, 4]))
    expect(rowsOf(table)).toEqual(before)
  })

  it.each([
    [-1, 'is outside 0…8'],
    [9, 'is outside 0…8'],
    [2147483647, 'is outside 0…8'],
    [-2147483648, 'is outside 0…8'],
  ])('have no row %i: the error names it and its place, and nothing is written', (id, message) => {
    const table = tableOf(4)
    const before = rowsOf(table)
    const ids = Tensor.from(
      [
        [0, 8, 3],
        [3, id, 100],
      ],
      undefined,
      'int32',
    )
    const rows = Tensor.full([2, 3, 4], 7)
    const full = `xs: token id ${id} at [1, 1] ${message}`
    expect(() => gatherRows('lookup', table, ids, rows)).toThrow(`lookup: ${full}`)
    expect(() => scatterAddRows('gradient', table, ids, rows)).toThrow(`gradient: ${full}`)
    expect(rowsOf(table)).toEqual(before)
    expect(elements(rows).every((value) => value === 7)).toBe(true)
  })
})

describeEachIsa('rows of a matrix', () => {
  it('are zero where their id is the given one', () => {
    for (const columns of LENGTHS) {
      for (const layout of LAYOUTS) {
        const out = inLayout(randomTensor([4, columns], 3), layout)
        const expected = rowsOf(out).map((row, i) => (i === 1 || i === 3 ? row.map(() => 0) : row))
        clearRows(Tensor.from(Int32Array.of(5, -2, 2, -2)), -2, out)
        expect(out.toArray()).toEqual(expected)
        expectNothingElseWritten(out)
      }
    }
  })
})

describe('ids in the memory of', () => {
  const noIds = () => new Float32Array(8).fill(fromBits(0x7f000000))
  const buffer = new ArrayBuffer(32)
  const ids = new Int32Array(buffer, 0, 4)

  it('the rows that are gathered end it', () => {
    ids.fill(0)
    expect(native.gatherRows(2, 4, noIds(), 0, 4, 2, ids, 0, new Float32Array(buffer), 0, 4)).toBe(1)
  })

  it('the table that is added to end it', () => {
    ids.fill(0)
    expect(native.scatterAddRows(2, 4, new Float32Array(buffer), 0, 4, 2, ids, 0, noIds(), 0, 4)).toBe(1)
  })
})

describe('what they refuse', () => {
  const table = Tensor.zeros([9, 4])
  const ids = idsOf()
  const out = Tensor.zeros([2, 3, 4])

  it.each([
    [
      'an empty table',
      () => gatherRows('lookup', Tensor.zeros([0, 4]), ids, Tensor.zeros([2, 3, 4])),
      'lookup: xs: token id 0 at [0, 0]',
    ],
    [
      'an out of another shape',
      () => gatherRows('lookup', table, ids, Tensor.zeros([6, 4])),
      'lookup: rows: expected the shape [2, 3, 4], got [6, 4]',
    ],
    [
      'rows that are apart',
      () => scatterAddRows('gradient', table, ids, inLayout(Tensor.zeros([2, 3, 4]), 'padded')),
      'gradient: rows: expected adjacent elements',
    ],
    [
      'a table that is apart',
      () => gatherRows('lookup', inLayout(table, 'padded') as Table, ids, out),
      'lookup: W: expected a contiguous matrix',
    ],
    [
      'a table of rank 1',
      () => gatherRows('lookup', Tensor.zeros([9]) as unknown as Table, ids, out),
      'lookup: W: expected a contiguous matrix',
    ],
    [
      'float32 ids',
      () => gatherRows('lookup', table, table as unknown as Tensor<'int32'>, out),
      'lookup: xs: expected a Tensor of int32, got "float32"',
    ],
    [
      'ids that are apart',
      () => gatherRows('lookup', table, Tensor.zeros([2, 5], 'int32').slice(1, 0, 3), out),
      'lookup: xs: expected adjacent elements',
    ],
    [
      'as many ids as rows to clear',
      () => clearRows(Tensor.zeros([3], 'int32'), 0, Tensor.zeros([2, 4])),
      'clearRows: out: expected the shape [3, 4], got [2, 4]',
    ],
    [
      'a matrix of ids to clear',
      () => clearRows(Tensor.zeros([2, 2], 'int32'), 0, Tensor.zeros([2, 4])),
      'clearRows: ids: expected a vector of adjacent elements, got [2, 2]',
    ],
    [
      'rows to clear of rank 3',
      () => clearRows(Tensor.zeros([2], 'int32'), 0, Tensor.zeros([2, 3, 4])),
      'clearRows: out: expected a matrix, got [2, 3, 4]',
    ],
  ])('%s', (_, run, message) => {
    expect(run).toThrow(message)
  })
})
