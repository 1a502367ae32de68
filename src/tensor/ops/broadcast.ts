/**
 * Broadcasting as in NumPy: shapes are aligned at their last axis, and an axis of length 1 or a missing one is repeated.
 * Common layouts need one kernel call; others need one per matrix.
 */
import { show } from '../../errors.ts'
import { equalShapes, type Shape } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { hasRows } from './operands.ts'

/** The shape of a ∘ b. */
export function broadcastShape(operation: string, a: Tensor, b: Tensor): Shape {
  if (equalShapes(a.shape, b.shape)) return a.shape
  const rank = Math.max(a.rank, b.rank)
  return Array.from({ length: rank }, (_, axis) => {
    const lengthOfA = a.shape[axis - rank + a.rank] ?? 1
    const lengthOfB = b.shape[axis - rank + b.rank] ?? 1
    if (lengthOfA !== lengthOfB && lengthOfA !== 1 && lengthOfB !== 1) {
      throw new RangeError(
        `${operation}: shapes cannot be broadcast together: a is ${show(a.shape)}, b is ${show(b.shape)}`,
      )
    }
    return lengthOfA === 1 ? lengthOfB : lengthOfA
  })
}

/** The strides of a tensor broadcast to a shape: 0 along every repeated axis. */
function stridesIn(shape: Shape, tensor: Tensor): number[] {
  return shape.map((_, axis) => {
    const own = axis - shape.length + tensor.rank
    return own < 0 || tensor.shape[own] === 1 ? 0 : tensor.strides[own]!
  })
}

type MatrixVisitor = (
  rows: number,
  columns: number,
  a: readonly [offset: number, rowStride: number, columnStride: number],
  b: readonly [offset: number, rowStride: number, columnStride: number],
  out: readonly [offset: number, rowStride: number],
) => void

/** Calls for every matrix (the last two axes) of a ∘ b → out; `out` is contiguous or has rows. */
export function forEachMatrix(a: Tensor, b: Tensor, out: Tensor, visit: MatrixVisitor): void {
  if (out.size === 0) return
  const shape: Shape = out.rank >= 2 ? out.shape : [1, ...(out.rank === 1 ? out.shape : [1])]
  const ofA = stridesIn(shape, a)
  const ofB = stridesIn(shape, b)
  const ofOut = stridesIn(shape, out)
  const last = shape.length - 1
  const walk = (axis: number, atA: number, atB: number, atOut: number): void => {
    if (axis === last - 1) {
      visit(
        shape[axis]!,
        shape[last]!,
        [atA, ofA[axis]!, ofA[last]!],
        [atB, ofB[axis]!, ofB[last]!],
        [atOut, ofOut[axis]!],
      )
      return
    }
    for (let i = 0; i < shape[axis]!; i++) {
      walk(axis + 1, atA + i * ofA[axis]!, atB + i * ofB[axis]!, atOut + i * ofOut[axis]!)
    }
  }
  walk(0, a.offset, b.offset, out.offset)
}

/** The tensor if kernels can read its last axis (adjacent elements or one repeated element), otherwise a copy. */
export function walkable(tensor: Tensor): Tensor {
  const isAdjacent =
    tensor.rank === 0 || tensor.strides[tensor.rank - 1] === 1 || tensor.shape[tensor.rank - 1] === 1
  return isAdjacent || hasRows(tensor) ? tensor : tensor.clone()
}
