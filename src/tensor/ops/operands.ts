/**
 * Shared by all operations: checks their tensors, provides the output, and arranges tensors as the rows that kernels
 * take.
 */
import { checkOptions } from '../../checks.ts'
import { rangeError, show, typeError } from '../../errors.ts'
import type { RowsFunction } from '../../native.ts'
import { equalShapes, type Shape } from '../shape.ts'
import type { DType } from '../storage.ts'
import { Tensor } from '../tensor.ts'

export function checkTensor<D extends DType>(
  operation: string,
  argument: string,
  tensor: unknown,
  dtype: D,
): asserts tensor is Tensor<D> {
  if (!(tensor instanceof Tensor)) throw typeError(operation, argument, 'a Tensor', tensor)
  if (tensor.dtype !== dtype) throw typeError(operation, argument, `a Tensor of ${dtype}`, tensor.dtype)
}

export function checkTensorShape(
  operation: string,
  argument: string,
  tensor: Tensor<DType>,
  shape: Shape,
): void {
  if (!equalShapes(tensor.shape, shape)) {
    throw rangeError(operation, argument, `the shape ${show([...shape])}`, tensor.shape)
  }
}

export interface OutOptions {
  /** The tensor for the result; defaults to a new one. */
  out?: Tensor
}

export const NO_OPTIONS: OutOptions = {}
const OUT_NAMES = ['out'] as const

/** `out`, checked, or a new tensor. */
export function output<S extends Shape>(
  operation: string,
  options: OutOptions,
  shape: S,
): Tensor<'float32', S> {
  checkOptions(operation, options, OUT_NAMES)
  const { out } = options
  if (out === undefined) return Tensor.zeros(shape) as Tensor<'float32', S>
  checkTensor(operation, 'out', out, 'float32')
  checkTensorShape(operation, 'out', out, shape)
  return out as Tensor<'float32', S>
}

/** Whether the tensor is rows of adjacent elements: contiguous, or of rank 2 with a column stride of 1. */
export function hasRows(tensor: Tensor): boolean {
  return tensor.isContiguous || (tensor.rank === 2 && (tensor.strides[1] === 1 || tensor.shape[1] === 1))
}

/** The tensor itself if it is rows of adjacent elements, else a contiguous copy. */
export function withRows(tensor: Tensor): Tensor {
  return hasRows(tensor) ? tensor : tensor.clone()
}

/** The tensor itself if it is contiguous, else a contiguous copy. */
export function contiguous<D extends DType, S extends Shape>(tensor: Tensor<D, S>): Tensor<D, S> {
  return tensor.isContiguous ? tensor : tensor.clone()
}

/** The length of the last axis: the columns of a tensor seen as rows. */
export function columnsOf(tensor: Tensor): number {
  return tensor.rank === 0 ? 1 : tensor.shape[tensor.rank - 1]!
}

/** The number of rows: all axes but the last combined. */
export function rowsOf(tensor: Tensor): number {
  const columns = columnsOf(tensor)
  return columns === 0 ? 0 : tensor.size / columns
}

/** The distance between rows, in elements. The tensor must have rows. */
export function rowStrideOf(tensor: Tensor): number {
  return tensor.isContiguous ? columnsOf(tensor) : tensor.strides[0]!
}

/** The operand, or a copy if writing `out` could overwrite it before it is read. */
export function safeFrom(out: Tensor, operand: Tensor): Tensor {
  return operand.data === out.data && !sameView(operand, out) && overlap(operand, out)
    ? operand.clone()
    : operand
}

/** Runs with `out` if it has rows, otherwise with a temporary tensor that is copied to `out` afterwards. */
export function intoRows(out: Tensor, run: (rows: Tensor) => void): void {
  if (hasRows(out)) {
    run(out)
    return
  }
  const rows = out.clone()
  run(rows)
  out.copyFrom(rows)
}

/** Calls a kernel that maps each row of `a` to a row of `out`. */
export function mapRows(kernel: RowsFunction, a: Tensor, result: Tensor): void {
  intoRows(result, (out) => {
    const from = withRows(safeFrom(out, a))
    kernel(
      rowsOf(out),
      columnsOf(out),
      from.data,
      from.offset,
      rowStrideOf(from),
      out.data,
      out.offset,
      rowStrideOf(out),
    )
  })
}

/** Whether the tensor is columns of adjacent elements and not rows of them: the transpose of a matrix, or of a part. */
export function isTransposed(tensor: Tensor): boolean {
  return !hasRows(tensor) && tensor.rank === 2 && hasRows(tensor.transpose())
}

/** mapRows for an elementwise kernel: tensors of the same dense layout are one long row. */
export function mapElements(kernel: RowsFunction, a: Tensor, result: Tensor): void {
  if (isTransposed(a) && isTransposed(result)) {
    mapElements(kernel, a.transpose(), result.transpose())
  } else if (a.isContiguous && result.isContiguous) {
    const from = safeFrom(result, a)
    kernel(1, a.size, from.data, from.offset, 0, result.data, result.offset, 0)
  } else {
    mapRows(kernel, a, result)
  }
}

/** Whether two views of rows share any element. Views of one buffer with one row stride may be interleaved without overlap. */
export function overlap(a: Tensor, b: Tensor): boolean {
  if (a.data !== b.data || a.size === 0 || b.size === 0) return false
  if (lastPlace(a) < b.offset || lastPlace(b) < a.offset) return false
  if (a.rank !== 2 || b.rank !== 2 || a.strides[0] !== b.strides[0]) return true
  const stride = a.strides[0]!
  const startOfA = a.offset % stride
  const startOfB = b.offset % stride
  const endOfA = startOfA + (a.shape[1]! - 1) * a.strides[1]!
  const endOfB = startOfB + (b.shape[1]! - 1) * b.strides[1]!
  const wraps = endOfA >= stride || endOfB >= stride
  return wraps || !(endOfA < startOfB || endOfB < startOfA)
}

function lastPlace(tensor: Tensor): number {
  return tensor.shape.reduce(
    (place, length, axis) => place + (length - 1) * tensor.strides[axis]!,
    tensor.offset,
  )
}

/** Whether two tensors are the same elements in the same order, so that one may be written while the other is read. */
function sameView(a: Tensor, b: Tensor): boolean {
  return (
    a.data === b.data &&
    a.offset === b.offset &&
    equalShapes(a.shape, b.shape) &&
    equalShapes(a.strides, b.strides)
  )
}
