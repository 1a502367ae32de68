/** Rows selected by token ids: the forward and backward pass of an embedding, and the states that a token resets. */
import { rangeError } from '../../errors.ts'
import { native } from '../../native.ts'
import { sizeOf } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { checkTensor, checkTensorShape, intoRows, rowStrideOf } from './operands.ts'

export type Table = Tensor<'float32', [V: number, D: number]>

/** The error for the token at `position` of `ids`, counted in row-major order. */
export function tokenError(
  operation: string,
  argument: string,
  ids: Tensor<'int32'>,
  position: number,
  vocabulary: number,
): RangeError {
  const index = ids.shape.map(
    (length, axis) => Math.floor(position / sizeOf(ids.shape.slice(axis + 1))) % length,
  )
  return new RangeError(
    `${operation}: ${argument}: token id ${ids.at(...index)} at [${index.join(', ')}] is outside 0…${vocabulary - 1}`,
  )
}

/** out[i, …] = table[ids[i, …]]. */
export function gatherRows(operation: string, table: Table, ids: Tensor<'int32'>, out: Tensor): void {
  callWithRows('gatherRows', operation, table, ids, out)
}

/** table[ids[i, …]] += rows[i, …], in row-major order of the ids. */
export function scatterAddRows(operation: string, table: Table, ids: Tensor<'int32'>, rows: Tensor): void {
  callWithRows('scatterAddRows', operation, table, ids, rows)
}

function checkTable(operation: string, table: Table, ids: Tensor<'int32'>): void {
  checkTensor(operation, 'W', table, 'float32')
  checkTensor(operation, 'xs', ids, 'int32')
  if (table.rank !== 2 || !table.isContiguous)
    throw rangeError(operation, 'W', 'a contiguous matrix', table.shape)
  if (!ids.isContiguous) throw rangeError(operation, 'xs', 'adjacent elements', ids.strides)
}

function callWithRows(
  name: 'gatherRows' | 'scatterAddRows',
  operation: string,
  table: Table,
  ids: Tensor<'int32'>,
  rows: Tensor,
): void {
  checkTable(operation, table, ids)
  const [vocabulary, columns] = table.shape
  checkTensor(operation, 'rows', rows, 'float32')
  checkTensorShape(operation, 'rows', rows, [...ids.shape, columns])
  if (!rows.isContiguous) throw rangeError(operation, 'rows', 'adjacent elements', rows.strides)
  const invalid = native[name](
    vocabulary,
    columns,
    table.data,
    table.offset,
    columns,
    ids.size,
    ids.data,
    ids.offset,
    rows.data,
    rows.offset,
    columns,
  )
  if (invalid >= 0) throw tokenError(operation, 'xs', ids, invalid, vocabulary)
}

/** out[i] = 0 where ids[i] = id: ids [N], out [N, H]. */
export function clearRows(ids: Tensor<'int32'>, id: number, out: Tensor): void {
  checkTensor('clearRows', 'ids', ids, 'int32')
  checkTensor('clearRows', 'out', out, 'float32')
  if (ids.rank !== 1 || !ids.isContiguous)
    throw rangeError('clearRows', 'ids', 'a vector of adjacent elements', ids.shape)
  if (out.rank !== 2) throw rangeError('clearRows', 'out', 'a matrix', out.shape)
  const [rows, columns] = [ids.size, out.shape[1]!]
  checkTensorShape('clearRows', 'out', out, [rows, columns])
  intoRows(out, (into) => {
    native.clearRows(rows, columns, ids.data, ids.offset, id, into.data, into.offset, rowStrideOf(into))
  })
}
