/** A buffer that was transferred to another owner: each operation says so, for each of its operands, and does nothing. */
import { describe, expect, it } from 'vitest'
import { type Doubles, native, type Rows } from '../../src/native.ts'
import {
  add,
  addProduct,
  argmax,
  axpy,
  crossEntropy,
  crossEntropyWithGradient,
  div,
  exp,
  gatherRows,
  matmul,
  mul,
  norm,
  Random,
  Scalar,
  type SummedLoss,
  scale,
  scatterAddRows,
  sigmoid,
  sigmoidGradient,
  softmax,
  sub,
  sum,
  Tensor,
  tanh,
  tanhGradient,
} from '../../src/tensor/index.ts'
import type { Table } from '../../src/tensor/ops/gather.ts'
import { inLayout } from '../support/layouts.ts'
import { elements } from '../support/reference-ops.ts'

function detach(data: { buffer: ArrayBufferLike }): void {
  structuredClone(null, { transfer: [data.buffer as ArrayBuffer] })
}

const SQUARE = [4, 4]
const square = (): Tensor => Tensor.full(SQUARE, 0.5)
const row = (): Tensor => Tensor.full([4], 0.5)
const strided = (): Tensor => inLayout(square(), 'picked')
const ids = (): Tensor<'int32'> => Tensor.zeros([4], 'int32')
const losses = new Float64Array(4)
const result = { sum: new Scalar(), counted: new Scalar() }

type Operands = (() => Tensor | Tensor<'int32'>)[]

interface Operation {
  name: string
  operands: Operands
  run: (...operands: Tensor[]) => unknown
}

const asIds = (tensor: Tensor): Tensor<'int32'> => tensor as unknown as Tensor<'int32'>

const OPERATIONS: Operation[] = [
  ...Object.entries({ add, sub, mul, div, tanhGradient, sigmoidGradient, addProduct }).flatMap(
    ([name, op]) => [
      {
        name,
        operands: [square, square, square],
        run: (a: Tensor, b: Tensor, out: Tensor) => op(a, b, { out }),
      },
      {
        name: `${name} with broadcasting`,
        operands: [square, row, square],
        run: (a: Tensor, b: Tensor, out: Tensor) => op(a, b, { out }),
      },
      {
        name: `${name} of strided views`,
        operands: [strided, strided, strided],
        run: (a: Tensor, b: Tensor, out: Tensor) => op(a, b, { out }),
      },
    ],
  ),
  ...Object.entries({ tanh, sigmoid, exp, softmax }).flatMap(([name, op]) => [
    { name, operands: [square, square], run: (a: Tensor, out: Tensor) => op(a, { out }) },
    {
      name: `${name} of strided views`,
      operands: [strided, strided],
      run: (a: Tensor, out: Tensor) => op(a, { out }),
    },
  ]),
  { name: 'scale', operands: [square, square], run: (a, out) => scale(a, 2, { out }) },
  { name: 'axpy', operands: [square, square], run: (x, y) => axpy(2, x, y) },
  { name: 'axpy of strided views', operands: [strided, strided], run: (x, y) => axpy(2, x, y) },
  {
    name: 'matmul',
    operands: [square, square, square, row],
    run: (a, b, out, bias) => matmul(a, b, { out, bias: bias! }),
  },
  {
    name: 'matmul of strided views',
    operands: [strided, strided, square],
    run: (a, b, out) => matmul(a, b, { out, accumulate: true }),
  },
  { name: 'sum of all', operands: [square], run: (a) => sum(a) },
  { name: 'sum down the rows', operands: [square, row], run: (a, out) => sum(a, 0, { out }) },
  { name: 'sum along the columns', operands: [square, row], run: (a, out) => sum(a, 1, { out }) },
  { name: 'sum of a strided view', operands: [strided], run: (a) => sum(a) },
  { name: 'norm', operands: [square], run: (a) => norm(a) },
  { name: 'argmax of rows', operands: [square], run: (a) => argmax(a, 1) },
  { name: 'argmax of columns', operands: [square], run: (a) => argmax(a, 0) },
  {
    name: 'gatherRows',
    operands: [square, ids, square],
    run: (table, tokens, out) => gatherRows('op', table as Table, asIds(tokens), out),
  },
  {
    name: 'scatterAddRows',
    operands: [square, ids, square],
    run: (table, tokens, rows) => scatterAddRows('op', table as Table, asIds(tokens), rows),
  },
  {
    name: 'crossEntropy',
    operands: [square, ids],
    run: (scores, targets) => crossEntropy('op', scores, asIds(targets), -1, losses, result),
  },
  {
    name: 'crossEntropyWithGradient',
    operands: [square, ids, square],
    run: (scores, targets, out) =>
      crossEntropyWithGradient('op', scores, asIds(targets), -1, losses, result, out),
  },
  { name: 'copyFrom', operands: [square, square], run: (to, from) => to.copyFrom(from) },
  { name: 'copyFrom of strided views', operands: [strided, strided], run: (to, from) => to.copyFrom(from) },
  { name: 'copyFrom of ids', operands: [ids, ids], run: (to, from) => to.copyFrom(from) },
  { name: 'clone', operands: [square], run: (a) => a.clone() },
  { name: 'clone of a strided view', operands: [strided], run: (a) => a.clone() },
  { name: 'clone of ids', operands: [ids], run: (a) => a.clone() },
  { name: 'fill', operands: [square], run: (a) => a.fill(1) },
  { name: 'fill of a strided view', operands: [strided], run: (a) => a.fill(1) },
  { name: 'at', operands: [square], run: (a) => a.at(0, 0) },
  { name: 'set', operands: [square], run: (a) => a.set(1, 0, 0) },
  { name: 'item', operands: [() => Tensor.full([1], 2)], run: (a) => a.item() },
  { name: 'toArray', operands: [square], run: (a) => a.toArray() },
]

describe('detached', () => {
  it.each(OPERATIONS)('$name', ({ operands, run }) => {
    expect(() => run(...(operands.map((make) => make()) as Tensor[]))).not.toThrow()
    for (let which = 0; which < operands.length; which++) {
      const given = operands.map((make) => make()) as Tensor[]
      detach(given[which]!.data)
      const others = given.filter((_, i) => i !== which)
      const before = others.map(elements)
      expect(() => run(...given), `operand ${which}`).toThrow(/detached/)
      expect(others.map(elements)).toEqual(before)
    }
  })

  it('the buffers behind random numbers and results', () => {
    const floats = new Float32Array(4)
    const words = new Uint32Array(4)
    const doubles = new Float64Array(2)
    for (const array of [floats, words, doubles]) detach(array)
    expect(() => native.fillNormal(1n, 0n, 1, 4, floats, 0)).toThrow(/detached/)
    expect(() => native.fillUniform(1n, 0n, 0, 1, 4, floats, 0)).toThrow(/detached/)
    expect(() => native.fillBits(1n, 0n, 4, words, 0)).toThrow(/detached/)
    const detached: SummedLoss = { ...result, sum: { data: doubles, value: 0 } }
    const cases: [losses: Float64Array, loss: SummedLoss][] = [
      [losses, detached],
      [doubles, result],
    ]
    for (const buffers of cases) {
      expect(() => crossEntropy('op', square(), ids(), -1, ...buffers)).toThrow(/detached/)
      expect(() => crossEntropyWithGradient('op', square(), ids(), -1, ...buffers, square())).toThrow(
        /detached/,
      )
    }
    const position = new Float64Array(1)
    const mask = square()
    detach(position)
    expect(() => native.dropoutMask(16, 1n, position, 0, 0.5, mask.data as Float32Array, 0)).toThrow(
      /dropoutMask: position: .*detached/,
    )
    expect(mask.toArray()).toEqual(square().toArray())
  })

  it('by a field of the descriptor that is read last', () => {
    const rows = (): Rows => [new Float32Array(4).fill(0.5), 0, 4]
    const parameter = rows()
    const gradient = rows()
    const update = {
      rows: 1,
      columns: 4,
      lr: [new Float64Array(1), 0] as Doubles,
      gradient,
      parameter,
      forget: 0.1,
      weight: 0.1,
      eps: 0,
      get h(): Rows {
        detach(gradient[0])
        return rows()
      },
    }
    expect(() => native.updateRms(update)).toThrow(/updateRms: gradient: .*detached/)
    expect([...parameter[0]]).toEqual([0.5, 0.5, 0.5, 0.5])
  })

  it('an array without elements is nothing to fill', () => {
    const tensor = Tensor.zeros([4])
    detach(tensor.data)
    expect(() => new Random(1).fillNormal(tensor.data)).not.toThrow()
  })

  it('tensors without elements have nothing to lose', () => {
    const empty = Tensor.zeros([0, 3])
    detach(empty.data)
    expect(tanh(empty).shape).toEqual([0, 3])
    expect(sum(empty)).toBe(0)
    expect(empty.toArray()).toEqual([])
  })
})
