/** What a tensor's numbers are kept in, and what they may be made from. */
import { rangeError, show, typeError } from '../errors.ts'
import { native } from '../native.ts'
import { fixedRoom } from './fixed-memory.ts'
import { equalShapes } from './shape.ts'

export type DType = 'float32' | 'int32'
export type DataOf<D extends DType> = D extends 'int32' ? Int32Array : Float32Array

/** Numbers nested to any depth; all arrays of one level have the same length. */
export type NestedNumbers = number | readonly NestedNumbers[]

export type NumericArray =
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array

const ALIGNMENT = 64
const BYTES_PER_ELEMENT = 4
/** Bytes from which on a page of 2 MB is sure to lie inside. */
const LARGE = 2 ** 22

/** A 64-byte aligned array of zeros; if `isFixed` and there is such memory, it can be neither transferred nor resized. */
export function allocate<D extends DType>(dtype: D, size: number, isFixed = false): DataOf<D> {
  const bytes = size * BYTES_PER_ELEMENT
  const { buffer, start } =
    (isFixed && fixedRoom(bytes)) || ordinaryRoom(bytes, `${size} elements of ${dtype}`)
  if (bytes >= LARGE) native.preferLargePages(buffer)
  return (
    dtype === 'int32' ? new Int32Array(buffer, start, size) : new Float32Array(buffer, start, size)
  ) as DataOf<D>
}

/** Zeros for numbers that operations of a training step read or write: a loss, a learning rate. */
export function fixedDoubles(size: number): Float64Array {
  const room = fixedRoom(size * Float64Array.BYTES_PER_ELEMENT)
  return room ? new Float64Array(room.buffer, room.start, size) : new Float64Array(size)
}

/** An ArrayBuffer is only 16-byte aligned: some bytes more are taken, and the array starts at the first aligned one. */
function ordinaryRoom(bytes: number, content: string): { buffer: ArrayBuffer; start: number } {
  let buffer: ArrayBuffer
  try {
    buffer = new ArrayBuffer(bytes + ALIGNMENT)
  } catch (cause) {
    throw new RangeError(`Tensor: no memory for ${content}`, { cause })
  }
  return { buffer, start: native.alignedOffset(buffer) }
}

export function checkDType(operation: string, dtype: unknown): void {
  if (dtype !== 'float32' && dtype !== 'int32')
    throw typeError(operation, 'dtype', "'float32' or 'int32'", dtype)
}

export function checkIntegers(values: ArrayLike<number>): void {
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== (values[i]! | 0))
      throw rangeError('Tensor', 'value', 'a 32-bit integer for int32', values[i])
  }
}

/** The shape that nested arrays give. */
export function nestedShape(nested: NestedNumbers): number[] {
  if (typeof nested === 'number') return []
  if (!Array.isArray(nested)) {
    throw typeError('Tensor.from', 'data', 'a number, nested arrays of numbers or a typed array', nested)
  }
  const shapes = Array.from(nested as NestedNumbers[], (item) => nestedShape(item)) // visits holes too
  const first = shapes[0] ?? []
  const ragged = shapes.find((shape) => !equalShapes(shape, first))
  if (ragged)
    throw rangeError(
      'Tensor.from',
      'data',
      `arrays of one length (the first has the shape ${show(first)})`,
      ragged,
    )
  return [nested.length, ...first]
}
