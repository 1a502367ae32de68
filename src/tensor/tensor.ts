/**
 * Tensor: numbers in a typed array, a shape and strides. Row-major and 64-byte aligned when made; `reshape`, `select`
 * and `slice` are views that share the array.
 */
import { checkOptions } from '../checks.ts'
import { rangeError, show, stateError, typeError } from '../errors.ts'
import { native } from '../native.ts'
import { copyElements, forEachPlace } from './elements.ts'
import { formatTensor } from './format.ts'
import { Random } from './random.ts'
import { refuseWhileRecording } from './recording.ts'
import {
  checkAxis,
  checkIndex,
  checkShape,
  equalShapes,
  inferShape,
  isRowMajor,
  type Mutable,
  rowMajorStrides,
  type Shape,
  sizeOf,
  type WithoutAxis,
} from './shape.ts'
import {
  allocate,
  checkDType,
  checkIntegers,
  type DataOf,
  type DType,
  type NestedNumbers,
  type NumericArray,
  nestedShape,
} from './storage.ts'

/**
 * A tensor of `shape` S, a (labelled) tuple such as `[N: number, T: number]`.
 *
 * Elements are in the typed array `data` at `offset` and `strides`, counted in elements. For a
 * tensor that was not made by `select` or `slice`, element [i, j, …] is simply the next one in row-major order from 0.
 */
export class Tensor<D extends DType = 'float32', S extends Shape = Shape> {
  readonly dtype: D
  readonly shape: S
  readonly strides: readonly number[]
  readonly offset: number
  readonly size: number
  readonly data: DataOf<D>
  /** Whether the elements lie one after the other in row-major order. */
  readonly isContiguous: boolean

  private constructor(dtype: D, data: DataOf<D>, shape: S, strides: readonly number[], offset: number) {
    this.dtype = dtype
    this.data = data
    this.shape = Object.freeze([...shape]) as unknown as S
    this.strides = strides
    this.offset = offset
    this.size = sizeOf(shape)
    this.isContiguous = isRowMajor(shape, strides)
  }

  get rank(): number {
    return this.shape.length
  }

  static zeros<const S extends Shape>(shape: S): Tensor<'float32', Mutable<S>>
  static zeros<const S extends Shape, D extends DType>(shape: S, dtype: D): Tensor<D, Mutable<S>>
  static zeros(shape: Shape, dtype: DType = 'float32'): Tensor<DType> {
    checkShape('Tensor.zeros', shape)
    checkDType('Tensor.zeros', dtype)
    return new Tensor<DType>(dtype, allocate(dtype, sizeOf(shape)), shape, rowMajorStrides(shape), 0)
  }

  /**
   * Zeros that operations of a training step work on, in memory that can be neither transferred nor resized. A step runs on
   * a thread of its own only if all its tensors, and all views of them, are of this kind. Small ones share a buffer.
   */
  static fixed<const S extends Shape>(shape: S): Tensor<'float32', Mutable<S>>
  static fixed<const S extends Shape, D extends DType>(shape: S, dtype: D): Tensor<D, Mutable<S>>
  static fixed(shape: Shape, dtype: DType = 'float32'): Tensor<DType> {
    checkShape('Tensor.fixed', shape)
    checkDType('Tensor.fixed', dtype)
    return new Tensor<DType>(dtype, allocate(dtype, sizeOf(shape), true), shape, rowMajorStrides(shape), 0)
  }

  static full<const S extends Shape>(shape: S, value: number): Tensor<'float32', Mutable<S>> {
    checkShape('Tensor.full', shape)
    if (typeof value !== 'number') throw typeError('Tensor.full', 'value', 'a number', value)
    const tensor = Tensor.zeros(shape)
    tensor.data.fill(value)
    return tensor
  }

  /**
   * Copies numbers into a new tensor. Nested arrays give their own shape; a flat array can be given one.
   * The type is `dtype`, else int32 for an Int32Array and float32 for everything else.
   */
  static from<const S extends Shape>(data: Int32Array, shape: S): Tensor<'int32', Mutable<S>>
  static from(data: Int32Array): Tensor<'int32', [size: number]>
  static from<const S extends Shape>(
    data: NestedNumbers | NumericArray,
    shape: S,
  ): Tensor<'float32', Mutable<S>>
  static from<const S extends Shape, D extends DType>(
    data: NestedNumbers | NumericArray,
    shape: S | undefined,
    dtype: D,
  ): Tensor<D, Mutable<S>>
  static from(data: NestedNumbers | NumericArray): Tensor
  static from(
    data: NestedNumbers | NumericArray,
    shape?: Shape,
    dtype: DType = data instanceof Int32Array ? 'int32' : 'float32',
  ): Tensor<DType> {
    checkDType('Tensor.from', dtype)
    const isArray = ArrayBuffer.isView(data) && !(data instanceof DataView)
    const ownShape = isArray ? [data.length] : nestedShape(data as NestedNumbers)
    const wanted = shape === undefined ? ownShape : checkShape('Tensor.from', shape)
    if (sizeOf(wanted) !== sizeOf(ownShape)) {
      throw rangeError('Tensor.from', 'shape', `a shape of ${sizeOf(ownShape)} elements`, wanted)
    }
    const tensor = new Tensor<DType>(
      dtype,
      allocate(dtype, sizeOf(wanted)),
      wanted,
      rowMajorStrides(wanted),
      0,
    )
    if (isArray) {
      tensor.data.set(data as NumericArray)
      if (dtype === 'int32') checkIntegers(data as NumericArray)
    } else {
      const flat = typeof data === 'number' ? [data] : (data as number[]).flat(Infinity)
      if (dtype === 'int32') checkIntegers(flat)
      tensor.data.set(flat)
    }
    return tensor
  }

  /** Normally distributed numbers of mean 0 and standard deviation `scale`. */
  static randn<const S extends Shape>(
    shape: S,
    options: { rng: Random; scale?: number },
  ): Tensor<'float32', Mutable<S>> {
    checkShape('Tensor.randn', shape)
    const { rng, scale } = checkOptions('Tensor.randn', options ?? {}, ['rng', 'scale'])
    checkRandom('Tensor.randn', rng)
    const tensor = Tensor.zeros(shape)
    rng.fillNormal(tensor.data, scale)
    return tensor
  }

  /** Evenly distributed numbers in [low, high). */
  static uniform<const S extends Shape>(
    shape: S,
    options: { rng: Random; low?: number; high?: number },
  ): Tensor<'float32', Mutable<S>> {
    checkShape('Tensor.uniform', shape)
    const { rng, low, high } = checkOptions('Tensor.uniform', options ?? {}, ['rng', 'low', 'high'])
    checkRandom('Tensor.uniform', rng)
    const tensor = Tensor.zeros(shape)
    rng.fillUniform(tensor.data, low, high)
    return tensor
  }

  /** A view of the same elements in another shape; one length may be −1 and is found. The tensor must be contiguous. */
  reshape<const S2 extends Shape>(shape: S2): Tensor<D, Mutable<S2>> {
    const found = inferShape('reshape', shape, this.size)
    if (!this.isContiguous) {
      throw rangeError(
        'reshape',
        'tensor',
        'one whose elements are adjacent (clone a strided view first)',
        this.shape,
      )
    }
    return new Tensor(this.dtype, this.data, found as Mutable<S2>, rowMajorStrides(found), this.offset)
  }

  /** The view at one `index` of `axis`; both may count from the end (−1 is the last). */
  select<const A extends number>(axis: A, index: number): Tensor<D, WithoutAxis<S, A>> {
    const at = checkAxis('select', axis, this.rank)
    const place = checkIndex('select', this.shape, at, index)
    return new Tensor(
      this.dtype,
      this.data,
      this.shape.toSpliced(at, 1) as unknown as WithoutAxis<S, A>,
      this.strides.toSpliced(at, 1),
      this.offset + place * this.strides[at]!,
    )
  }

  /** The view of a matrix with rows and columns exchanged. */
  transpose(): Tensor<D, [columns: number, rows: number]> {
    if (this.rank !== 2) throw rangeError('transpose', 'tensor', 'a matrix (rank 2)', this.shape)
    return new Tensor(
      this.dtype,
      this.data,
      this.shape.toReversed() as unknown as [number, number],
      this.strides.toReversed(),
      this.offset,
    )
  }

  /** The view of the indices `start` … `end` − 1 of `axis`. */
  slice(axis: number, start: number, end: number): Tensor<D, S> {
    const at = checkAxis('slice', axis, this.rank)
    const length = this.shape[at]!
    if (!(Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start <= end && end <= length)) {
      throw rangeError('slice', 'start, end', `0 ≤ start ≤ end ≤ ${length}`, [start, end])
    }
    return new Tensor(
      this.dtype,
      this.data,
      this.shape.with(at, end - start) as unknown as S,
      this.strides,
      this.offset + start * this.strides[at]!,
    )
  }

  at(...index: number[]): number {
    return this.data[this.#place('at', index)]!
  }

  set(value: number, ...index: number[]): void {
    const place = this.#place('set', index)
    if (typeof value !== 'number') throw typeError('set', 'value', 'a number', value)
    if (this.dtype === 'int32') checkIntegers([value])
    this.data[place] = value
  }

  /** The only element of a tensor of size 1. */
  item(): number {
    if (this.size !== 1) throw rangeError('item', 'tensor', 'one of size 1', this.shape)
    this.#checkReadable('item')
    return this.data[this.offset]!
  }

  fill(value: number): this {
    if (typeof value !== 'number') throw typeError('fill', 'value', 'a number', value)
    if (this.dtype === 'int32') checkIntegers([value])
    if (this.isContiguous && this.dtype === 'float32') {
      native.fill(1, this.size, this.data as Float32Array, this.offset, 0, value)
    } else {
      this.#forEachPlace('fill', (place) => (this.data[place] = value))
    }
    return this
  }

  /** Copies all elements of a tensor of the same shape and type. */
  copyFrom(source: Tensor<D>): this {
    if (!(source instanceof Tensor)) throw typeError('copyFrom', 'source', 'a Tensor', source)
    if (source.dtype !== (this.dtype as DType))
      throw typeError('copyFrom', 'source', this.dtype, source.dtype)
    if (!equalShapes(this.shape, source.shape)) {
      throw rangeError('copyFrom', 'source', `the shape ${show(this.shape)}`, source.shape)
    }
    if (this.size === 0) return this
    copyElements(source.data === (this.data as typeof source.data) ? source.clone() : source, this)
    return this
  }

  /** A contiguous copy. */
  clone(): Tensor<D, S> {
    const copy = new Tensor<D, S>(
      this.dtype,
      allocate(this.dtype, this.size),
      this.shape,
      rowMajorStrides(this.shape),
      0,
    )
    return copy.copyFrom(this as Tensor<D>)
  }

  /** The elements as nested arrays; a number for a tensor of rank 0. */
  toArray(): NestedNumbers {
    let level: NestedNumbers[] = this.#values()
    for (let axis = this.rank - 1; axis > 0; axis--) {
      const length = this.shape[axis]!
      const count = sizeOf(this.shape.slice(0, axis))
      level = Array.from({ length: count }, (_, i) => level.slice(i * length, (i + 1) * length))
    }
    return this.rank === 0 ? level[0]! : level
  }

  toString(): string {
    return formatTensor(this.dtype, this.shape, this.toArray())
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }

  #place(operation: string, index: readonly number[]): number {
    if (index.length !== this.rank) {
      throw rangeError(operation, 'index', `${this.rank} numbers for the shape ${show(this.shape)}`, index)
    }
    this.#checkReadable(operation)
    let place = this.offset
    for (let axis = 0; axis < index.length; axis++) {
      place += checkIndex(operation, this.shape, axis, index[axis]) * this.strides[axis]!
    }
    return place
  }

  /** The array of a buffer that was transferred to another owner has no elements left. */
  #checkReadable(operation: string): void {
    refuseWhileRecording(operation)
    if (this.data.length === 0 && this.size > 0) {
      throw stateError('Tensor', 'its buffer is detached: it was transferred to another owner')
    }
  }

  #forEachPlace(operation: string, visit: (place: number) => void): void {
    this.#checkReadable(operation)
    forEachPlace(this, visit)
  }

  #values(): number[] {
    const values: number[] = []
    this.#forEachPlace('toArray', (place) => values.push(this.data[place]!))
    return values
  }
}

function checkRandom(operation: string, rng: unknown): void {
  if (!(rng instanceof Random)) throw typeError(operation, 'rng', 'a Random', rng)
}
