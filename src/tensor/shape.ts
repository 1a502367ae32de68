/**
 * Shapes as tuple types with labels, `[N: number, T: number, D: number]`, and the arithmetic of strides.
 * Strides are counted in elements; a row-major shape [a, b, c] has the strides [b·c, c, 1].
 */
import { rangeError, typeError } from '../errors.ts'

export type Shape = readonly number[]

/** The type of a tensor's shape, given a tuple inferred from a literal, which is readonly. */
export type Mutable<S extends Shape> = { -readonly [Axis in keyof S]: number }

/** The shape without the given axis; labels of the axes that stay are kept. */
export type WithoutAxis<S extends Shape, Axis extends number> = number extends S['length']
  ? Shape
  : Axis extends 0
    ? S extends readonly [unknown, ...infer Rest extends number[]]
      ? Rest
      : Shape
    : Axis extends 1
      ? S extends readonly [...infer First extends number[], unknown]
        ? S['length'] extends 2
          ? First
          : S extends readonly [unknown, unknown, ...infer Rest extends number[]]
            ? [S[0], ...Rest]
            : Shape
        : Shape
      : S extends readonly [...infer First extends number[], unknown]
        ? First['length'] extends Axis
          ? First
          : Shape
        : Shape

/** Any value where S has the rank, or where its rank shows only at run time; no value where it has another. */
export type OfRank<S extends Shape, Rank extends number> = number extends S['length']
  ? unknown
  : S['length'] extends Rank
    ? unknown
    : never

/** The number of elements; of those at one index of each axis before `firstAxis`. */
export function sizeOf(shape: Shape, firstAxis = 0): number {
  let size = 1
  for (let axis = firstAxis; axis < shape.length; axis++) size *= shape[axis]!
  return size
}

export function rowMajorStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length)
  let stride = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride
    stride *= shape[axis]!
  }
  return strides
}

/**
 * Whether the axes from `firstAxis` on are contiguous. Axes of length 1 may have any stride, and a tensor without
 * elements any strides at all.
 */
export function isRowMajor(shape: Shape, strides: readonly number[], firstAxis = 0): boolean {
  let stride = 1
  for (let axis = shape.length - 1; axis >= firstAxis; axis--) {
    if (shape[axis] === 0) return true
    if (shape[axis] !== 1 && strides[axis] !== stride) return false
    stride *= shape[axis]!
  }
  return true
}

export function equalShapes(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis])
}

export function checkShape(operation: string, shape: unknown): Shape {
  if (!Array.isArray(shape)) {
    throw typeError(operation, 'shape', 'an array of integers of at least 0', shape)
  }
  for (const length of shape) {
    if (!Number.isInteger(length) || length < 0) {
      throw rangeError(operation, 'shape', 'integers of at least 0', shape)
    }
  }
  return shape as number[]
}

/** An axis counted from the front, given one that may count from the back (−1 is the last). */
export function checkAxis(operation: string, axis: unknown, rank: number): number {
  if (!Number.isInteger(axis)) throw typeError(operation, 'axis', 'an integer', axis)
  const index = axis as number
  if (index < -rank || index >= rank) {
    throw rangeError(operation, 'axis', `an axis of a tensor of rank ${rank}`, axis)
  }
  return index < 0 ? index + rank : index
}

/** An index of an axis counted from the front, given one that may count from the back (−1 is the last). */
export function checkIndex(operation: string, shape: Shape, axis: number, index: unknown): number {
  const length = shape[axis]!
  if (!Number.isInteger(index)) throw typeError(operation, 'index', 'an integer', index)
  const place = (index as number) < 0 ? (index as number) + length : (index as number)
  if (place < 0 || place >= length) {
    throw rangeError(operation, 'index', `an index of axis ${axis}, which has ${length}`, index)
  }
  return place
}

/** A shape of `size` elements, given one in which a length may be −1, to be inferred. */
export function inferShape(operation: string, shape: unknown, size: number): Shape {
  if (!Array.isArray(shape)) throw typeError(operation, 'shape', 'an array of integers', shape)
  const unknown = shape.indexOf(-1)
  const known = sizeOf(shape.filter((_, axis) => axis !== unknown))
  const inferred: number[] = unknown === -1 ? shape : shape.with(unknown, known === 0 ? 0 : size / known)
  if (!inferred.every((length) => Number.isInteger(length) && length >= 0) || sizeOf(inferred) !== size) {
    throw rangeError(operation, 'shape', `a shape of ${size} elements`, shape)
  }
  return inferred
}
