/** Sums, norms and positions of maxima. */
import { rangeError } from '../../errors.ts'
import { native } from '../../native.ts'
import { refuseWhileRecording } from '../recording.ts'
import { checkAxis, sizeOf } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import {
  checkTensor,
  columnsOf,
  contiguous,
  NO_OPTIONS,
  type OutOptions,
  output,
  rowStrideOf,
  rowsOf,
  safeFrom,
  withRows,
} from './operands.ts'

/** The shape of a tensor as [before, axis, after], with the axes before and after an axis combined. */
function around(tensor: Tensor, axis: number): [before: number, length: number, after: number] {
  return [sizeOf(tensor.shape.slice(0, axis)), tensor.shape[axis]!, sizeOf(tensor.shape.slice(axis + 1))]
}

/**
 * The sum of all elements, a number; or the sums along an axis, a tensor without that axis.
 * The sum of no elements is 0.
 */
export function sum(a: Tensor): number
export function sum(a: Tensor, axis: number, options?: OutOptions): Tensor
export function sum(a: Tensor, axis?: number, options = NO_OPTIONS): number | Tensor {
  checkTensor('sum', 'a', a, 'float32')
  if (axis === undefined) {
    refuseWhileRecording('sum')
    const total = new Float64Array(1)
    const from = withRows(a)
    native.sum(rowsOf(from), columnsOf(from), from.data, from.offset, rowStrideOf(from), total, 0)
    return total[0]!
  }
  const at = checkAxis('sum', axis, a.rank)
  const out = output('sum', options, a.shape.toSpliced(at, 1))
  if (!out.isContiguous) throw rangeError('sum', 'out', 'adjacent elements', out.strides)
  const operand = safeFrom(out, a)
  if (a.rank === 2 && at === 0) {
    const from = withRows(operand)
    native.sumRows(a.shape[0]!, a.shape[1]!, from.data, from.offset, rowStrideOf(from), out.data, out.offset)
    return out
  }
  const from = contiguous(operand)
  const [before, length, after] = around(from, at)
  if (after === 1) {
    native.sumColumns(before, length, from.data, from.offset, length, out.data, out.offset)
  } else {
    for (let i = 0; i < before; i++) {
      native.sumRows(
        length,
        after,
        from.data,
        from.offset + i * length * after,
        after,
        out.data,
        out.offset + i * after,
      )
    }
  }
  return out
}

/** The position of the largest element along an axis; the first one if several are equal. NaN counts as the largest. */
export function argmax(a: Tensor, axis: number): Tensor<'int32'> {
  checkTensor('argmax', 'a', a, 'float32')
  const at = checkAxis('argmax', axis, a.rank)
  const from = contiguous(a)
  const [before, length, after] = around(from, at)
  if (length === 0) throw rangeError('argmax', 'a', `at least one element along axis ${at}`, a.shape)
  const out: Tensor<'int32'> = Tensor.zeros(a.shape.toSpliced(at, 1), 'int32')
  if (after === 1) {
    native.argMax(before, length, from.data, from.offset, length, out.data, out.offset)
    return out
  }
  const rows: Tensor = Tensor.zeros([before * after, length])
  for (let i = 0; i < before; i++) {
    native.copy(
      after,
      length,
      from.data,
      from.offset + i * length * after,
      1,
      after,
      rows.data,
      i * after * length,
      length,
      1,
    )
  }
  native.argMax(before * after, length, rows.data, 0, length, out.data, out.offset)
  return out
}

/** The Euclidean (Frobenius) norm of all elements, which cannot overflow within the range of float32. */
export function norm(a: Tensor): number {
  refuseWhileRecording('norm')
  const square = new Float64Array(1)
  sumOfSquares(a, square, 0)
  return Math.sqrt(square[0]!)
}

/** Writes Σ a², in double precision between short blocks, to `out[place]`. */
export function sumOfSquares(a: Tensor, out: Float64Array, place: number): void {
  checkTensor('norm', 'a', a, 'float32')
  const from = withRows(a)
  native.sumOfSquares(rowsOf(from), columnsOf(from), from.data, from.offset, rowStrideOf(from), out, place)
}
