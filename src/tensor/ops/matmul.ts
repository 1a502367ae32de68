/** Matrix multiplication as in BLAS: out = tanh?(op(a)·op(b) (+ out) (+ bias)), where op is the transpose or the identity. */
import { checkFlag, checkOptions } from '../../checks.ts'
import { rangeError, show, stateError, typeError } from '../../errors.ts'
import { native } from '../../native.ts'
import type { OfRank, Shape } from '../shape.ts'
import { Tensor } from '../tensor.ts'
import { checkTensor, checkTensorShape, isTransposed, overlap } from './operands.ts'

export type Matrix = Tensor<'float32', [rows: number, columns: number]>

export interface MatmulOptions {
  /** Transposes a. */
  transA?: boolean
  /** Transposes b. */
  transB?: boolean
  /**
   * The tensor for the result, [m, n]; defaults to a new one. Must not share elements with a, b or the bias. May be the
   * transpose of a matrix if there is no bias and b is not packed.
   */
  out?: Tensor
  /** Adds the product to `out` instead of replacing it. */
  accumulate?: boolean
  /** n values added to every row. */
  bias?: Tensor
  /** Applied last to every element. */
  activation?: 'tanh'
}

/** A matrix in a layout of its own. */
interface Packed {
  readonly rows: number
  readonly columns: number
}

const NO_OPTIONS: MatmulOptions = {}
const MATMUL_NAMES = ['transA', 'transB', 'out', 'accumulate', 'bias', 'activation'] as const

/**
 * The product of two matrices, [m, k]·[k, n] → [m, n]. Strided views are not copied. Denormals (below 2^-126) are treated
 * as 0, since they would be about thirty times slower.
 * @throws {RangeError} if the shapes do not match
 */
export function matmul<A extends Shape, B extends Shape>(
  a: Tensor<'float32', A> & OfRank<A, 2>,
  b: Tensor<'float32', B> & OfRank<B, 2>,
  options: MatmulOptions = NO_OPTIONS,
): Matrix {
  checkMatrix('matmul', 'b', b)
  checkOptions('matmul', options, MATMUL_NAMES)
  const { transB = false } = options
  checkFlag('matmul', 'transB', transB)
  const k = b.shape[transB ? 1 : 0]!
  const n = b.shape[transB ? 0 : 1]!
  const { m, out } = prepare(a, b, k, n, options)
  checkApart(out, 'b', b)
  const { transA = false, accumulate = false, bias, activation } = options
  if (isTransposed(out) && !bias) {
    // (op(a)·op(b))ᵀ = op(b)ᵀ·op(a)ᵀ
    matmul(b as Matrix, a as Matrix, { ...options, transA: !transB, transB: !transA, out: out.transpose() })
    return out as Matrix
  }
  checkRows('out', out)
  native.matmul(
    m,
    n,
    k,
    a.data,
    a.offset,
    a.strides[transA ? 1 : 0]!,
    a.strides[transA ? 0 : 1]!,
    b.data,
    b.offset,
    b.strides[transB ? 1 : 0]!,
    b.strides[transB ? 0 : 1]!,
    out.data,
    out.offset,
    out.strides[0]!,
    bias ? bias.data : null,
    bias ? bias.offset : 0,
    accumulate,
    activation === 'tanh',
  )
  return out as Matrix
}

/**
 * The right operand of many products, packed once in the layout of the kernels: weights that stay the same over the steps
 * of a block. Products use the instruction set and precision that were in use when `pack` was called.
 */
export class PackedMatrix {
  readonly rows: number
  readonly columns: number
  readonly data: Float32Array
  #method: number | null = null

  /** For matrices of `rows` × `columns` after any transpose. */
  constructor(rows: number, columns: number) {
    this.rows = rows
    this.columns = columns
    this.data = Tensor.fixed([native.packedSize(rows, columns)]).data
  }

  /** The size in bytes. */
  get byteLength(): number {
    return this.data.byteLength
  }

  /** Packs b, or its transpose. */
  pack(b: Tensor, { transB = false } = {}): this {
    checkMatrix('pack', 'b', b)
    checkTensorShape('pack', 'b', b, transB ? [this.columns, this.rows] : [this.rows, this.columns])
    this.#method = native.packMatrix(
      this.rows,
      this.columns,
      b.data,
      b.offset,
      b.strides[transB ? 1 : 0]!,
      b.strides[transB ? 0 : 1]!,
      this.data,
      0,
    )
    return this
  }

  /** The native arguments that describe the packed matrix. */
  get method(): number {
    if (this.#method === null) throw stateError('matmul', 'b is not packed yet: call pack first')
    return this.#method
  }
}

/** matmul with a packed right operand. */
export function matmulPacked(
  a: Tensor,
  b: PackedMatrix,
  options: Omit<MatmulOptions, 'transB'> = NO_OPTIONS,
): Matrix {
  const { m, out } = prepare(a, b, b.rows, b.columns, options)
  const { transA = false, accumulate = false, bias, activation } = options
  checkRows('out', out)
  native.matmulPacked(
    m,
    b.columns,
    b.rows,
    a.data,
    a.offset,
    a.strides[transA ? 1 : 0]!,
    a.strides[transA ? 0 : 1]!,
    b.data,
    0,
    b.method,
    out.data,
    out.offset,
    out.strides[0]!,
    bias ? bias.data : null,
    bias ? bias.offset : 0,
    accumulate,
    activation === 'tanh',
  )
  return out as Matrix
}

/** Checks everything but b, which is k × n, and returns the output. */
export function prepare(
  a: Tensor,
  b: Tensor | Packed,
  k: number,
  n: number,
  options: MatmulOptions,
): { m: number; out: Tensor } {
  checkMatrix('matmul', 'a', a)
  const { transA = false, accumulate = false, bias, activation } = options
  checkFlag('matmul', 'transA', transA)
  checkFlag('matmul', 'accumulate', accumulate)
  const m = a.shape[transA ? 1 : 0]!
  if (a.shape[transA ? 0 : 1] !== k) {
    const { transB } = options
    throw new RangeError(
      `matmul: inner dimensions differ: a is ${describe(a, transA)}, b is ${describe(b, transB)}`,
    )
  }
  const { out = Tensor.zeros([m, n]) } = options
  if (options.out !== undefined) checkOutput(out, a, m, n)
  else if (accumulate)
    throw typeError('matmul', 'out', 'a Tensor to add to, since accumulate is set', undefined)
  if (bias !== undefined) {
    checkTensor('matmul', 'bias', bias, 'float32')
    checkTensorShape('matmul', 'bias', bias, [n])
    if (!bias.isContiguous) throw rangeError('matmul', 'bias', 'adjacent elements', show(bias.strides))
    checkApart(out, 'bias', bias)
  }
  if (activation !== undefined && activation !== 'tanh') {
    throw rangeError('matmul', 'activation', "'tanh' or nothing", activation)
  }
  return { m, out }
}

function checkMatrix(operation: string, argument: string, tensor: unknown): asserts tensor is Tensor {
  checkTensor(operation, argument, tensor, 'float32')
  if (tensor.rank !== 2) throw rangeError(operation, argument, 'a matrix (rank 2)', tensor.shape)
}

function checkOutput(out: Tensor, a: Tensor, m: number, n: number): void {
  checkTensor('matmul', 'out', out, 'float32')
  if (out.rank !== 2 || out.shape[0] !== m || out.shape[1] !== n) {
    throw rangeError('matmul', 'out', `the shape [${m}, ${n}]`, out.shape)
  }
  checkApart(out, 'a', a)
}

export function checkRows(argument: string, { strides, shape }: Tensor): void {
  if (strides[1] !== 1 && shape[1]! > 1)
    throw rangeError('matmul', argument, 'columns that are adjacent', strides)
}

function checkApart(out: Tensor, argument: string, operand: Tensor): void {
  if (overlap(out, operand)) throw new RangeError(`matmul: out must not share elements with ${argument}`)
}

function describe(matrix: Tensor | Packed, isTransposed = false): string {
  if (!(matrix instanceof Tensor)) return `[${matrix.rows}, ${matrix.columns}] packed`
  return `${show(matrix.shape)}${isTransposed ? ' transposed' : ''}`
}
