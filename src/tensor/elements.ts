/** Walks over the elements of strided tensors: visiting and copying them. */
import { native } from '../native.ts'
import { isRowMajor, type Shape, sizeOf } from './shape.ts'
import type { DType } from './storage.ts'

/** Where the elements of a tensor are, in elements of `data`. */
interface Layout {
  shape: Shape
  strides: readonly number[]
  offset: number
}

interface Elements extends Layout {
  dtype: DType
  data: Float32Array | Int32Array
}

/** Calls `visit` with the place in `data` of every element, in row-major order. */
export function forEachPlace({ shape, strides, offset }: Layout, visit: (place: number) => void): void {
  const walk = (axis: number, place: number): void => {
    if (axis === shape.length) {
      visit(place)
      return
    }
    for (let i = 0; i < shape[axis]!; i++) walk(axis + 1, place + i * strides[axis]!)
  }
  walk(0, offset)
}

/** Copies between tensors of the same shape and type, matrix by matrix; what is contiguous in both is one long row. */
export function copyElements(from: Elements, to: Elements): void {
  copyAxes(from, to, 0, from.offset, to.offset)
}

/** Copies the elements at one index of each axis before `axis`. */
function copyAxes(from: Elements, to: Elements, axis: number, fromOffset: number, toOffset: number): void {
  const { shape } = to
  const rank = shape.length - axis
  const isOneRow = isRowMajor(shape, from.strides, axis) && isRowMajor(shape, to.strides, axis)
  if (rank > 2 && !isOneRow) {
    for (let i = 0; i < shape[axis]!; i++)
      copyAxes(from, to, axis + 1, fromOffset + i * from.strides[axis]!, toOffset + i * to.strides[axis]!)
    return
  }
  const isMatrix = rank === 2 && !isOneRow
  const copy = to.dtype === 'int32' ? native.copyIntegers : native.copy
  copy(
    isMatrix ? shape[axis]! : 1,
    sizeOf(shape, isMatrix ? axis + 1 : axis),
    from.data as Float32Array & Int32Array,
    fromOffset,
    isMatrix ? from.strides[axis]! : 0,
    isOneRow ? 1 : from.strides.at(-1)!,
    to.data as Float32Array & Int32Array,
    toOffset,
    isMatrix ? to.strides[axis]! : 0,
    isOneRow ? 1 : to.strides.at(-1)!,
  )
}
