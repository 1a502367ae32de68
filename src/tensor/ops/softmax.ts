/** Softmax over the last axis, and the cross-entropy of true classes with its gradient. */
import { rangeError } from '../../errors.ts'
import { native, type RowsFunction } from '../../native.ts'
import type { Scalar } from '../scalar.ts'
import type { Shape } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { tokenError } from './gather.ts'
import {
  checkTensor,
  checkTensorShape,
  columnsOf,
  hasRows,
  mapRows,
  NO_OPTIONS,
  output,
  rowStrideOf,
  rowsOf,
} from './operands.ts'

/** exp(a − max) / Σ exp(a − max) along the last axis. */
export const softmax = alongLastAxis('softmax', native.softmax)

/** log softmax(a) along the last axis: a − max − log Σ exp(a − max). `out` may be a. */
export const logSoftmax = alongLastAxis('logSoftmax', native.logSoftmax)

function alongLastAxis(name: string, run: RowsFunction) {
  return <S extends Shape>(a: Tensor<'float32', S>, options = NO_OPTIONS): Tensor<'float32', S> => {
    checkTensor(name, 'a', a, 'float32')
    const result = output<S>(name, options, a.shape)
    mapRows(run, a, result)
    return result
  }
}

/** The loss of a block of rows, which may be computed in several calls. */
export interface SummedLoss {
  /** The sum over the targets that count, in nats. */
  readonly sum: Scalar
  /** The number of targets that count. */
  readonly counted: Scalar
}

/** Sets `loss.sum` to 0 and `loss.counted` to the number of targets that are not `ignored`. All others must be 0 … V - 1. */
export function countTargets(
  operation: string,
  targets: Tensor<'int32'>,
  vocabulary: number,
  ignored: number,
  { sum, counted }: SummedLoss,
): void {
  checkTensor(operation, 'ts', targets, 'int32')
  if (!targets.isContiguous) throw rangeError(operation, 'ts', 'adjacent elements', targets.strides)
  const { size, data, offset } = targets
  const invalid = native.countTargets(vocabulary, size, data, offset, ignored, sum.data, 0, counted.data, 0)
  if (invalid >= 0) throw tokenError(operation, 'ts', targets, invalid, vocabulary)
}

/**
 * Writes the cross-entropy of each row, -log softmax(scores)[i, targets[i]], to `losses`, or 0 if the target is `ignored`.
 * Adds their sum to `loss.sum`.
 * @param scores rows of adjacent elements, [..., V]
 * @param targets contiguous, the shape of scores without its last axis, each 0 … V − 1 or `ignored`
 * @param losses one number per row
 */
export function crossEntropy(
  operation: string,
  scores: Tensor,
  targets: Tensor<'int32'>,
  ignored: number,
  losses: Float64Array,
  { sum }: SummedLoss,
): void {
  checkTargets(operation, scores, targets)
  const invalid = native.crossEntropy(
    rowsOf(scores),
    columnsOf(scores),
    scores.data,
    scores.offset,
    rowStrideOf(scores),
    targets.data,
    targets.offset,
    ignored,
    losses,
    0,
    sum.data,
    0,
  )
  if (invalid >= 0) throw tokenError(operation, 'ts', targets, invalid, columnsOf(scores))
}

/**
 * crossEntropy and its gradient in one pass over each row: out = (softmax(scores) - one-hot(targets)) / C, or 0 in ignored
 * rows, with C in `loss.counted`. The other arguments are those of crossEntropy.
 * @param out of the shape of scores; may be the scores
 */
export function crossEntropyWithGradient(
  operation: string,
  scores: Tensor,
  targets: Tensor<'int32'>,
  ignored: number,
  losses: Float64Array,
  { sum, counted }: SummedLoss,
  out: Tensor,
): void {
  checkTargets(operation, scores, targets)
  checkTensor(operation, 'out', out, 'float32')
  checkTensorShape(operation, 'out', out, scores.shape)
  if (!hasRows(out)) throw rangeError(operation, 'out', 'rows of adjacent elements', out.strides)
  const invalid = native.crossEntropyWithGradient(
    rowsOf(scores),
    columnsOf(scores),
    scores.data,
    scores.offset,
    rowStrideOf(scores),
    targets.data,
    targets.offset,
    ignored,
    losses,
    0,
    sum.data,
    0,
    counted.data,
    0,
    out.data,
    out.offset,
    rowStrideOf(out),
  )
  if (invalid >= 0) throw tokenError(operation, 'ts', targets, invalid, columnsOf(scores))
}

function checkTargets(operation: string, scores: Tensor, targets: Tensor<'int32'>): void {
  checkTensor(operation, 'xs', scores, 'float32')
  checkTensor(operation, 'ts', targets, 'int32')
  checkTensorShape(operation, 'ts', targets, scores.shape.slice(0, -1))
  if (!hasRows(scores)) throw rangeError(operation, 'xs', 'rows of adjacent elements', scores.strides)
  if (!targets.isContiguous) throw rangeError(operation, 'ts', 'adjacent elements', targets.strides)
}
