/** Products with weights in a compact format, for reading a trained model. */
import { checkFlag, checkOptions } from '../../checks.ts'
import { rangeError, typeError } from '../../errors.ts'
import { native } from '../../native.ts'
import { Tensor } from '../tensor.ts'
import type { Matrix } from './matmul.ts'
import { checkTensor, checkTensorShape, overlap } from './operands.ts'

/** `bfloat16`: 8 bits of precision, half the bytes of float32. `int8`: a quarter, with one scale for each column. */
export type CompactFormat = 'bfloat16' | 'int8'

const FORMATS: readonly unknown[] = ['bfloat16', 'int8'] satisfies CompactFormat[]

const PRODUCT_NAMES = ['out', 'accumulate', 'bias'] as const

/**
 * The right operand of many products with few rows, rounded to a compact format and packed once. A product of one row
 * takes the time of reading the packed weights.
 */
export class CompactMatrix {
  readonly rows: number
  readonly columns: number
  readonly format: CompactFormat
  readonly #words: Uint32Array
  /** int8: the scale of each column. */
  readonly #scales: Float32Array

  /** For matrices of `rows` × `columns` after any transpose; zero until something is packed. */
  constructor(rows: number, columns: number, format: CompactFormat) {
    if (!FORMATS.includes(format)) throw rangeError('CompactMatrix', 'format', "'bfloat16' or 'int8'", format)
    this.rows = rows
    this.columns = columns
    this.format = format
    this.#words = new Uint32Array(native.compactSize(rows, columns, this.#isInt8))
    this.#scales = new Float32Array(this.#isInt8 ? columns : 0)
  }

  /** The size of the packed weights, in bytes. */
  get byteLength(): number {
    return this.#words.byteLength + this.#scales.byteLength
  }

  get #isInt8(): boolean {
    return this.format === 'int8'
  }

  /** Rounds and packs b, or its transpose. */
  pack(b: Tensor, { transB = false }: { transB?: boolean } = {}): this {
    checkTensor('pack', 'b', b, 'float32')
    checkFlag('pack', 'transB', transB)
    checkTensorShape('pack', 'b', b, transB ? [this.columns, this.rows] : [this.rows, this.columns])
    const [rowAxis, columnAxis] = transB ? [1, 0] : [0, 1]
    native.packCompact(
      this.rows,
      this.columns,
      b.data,
      b.offset,
      b.strides[rowAxis]!,
      b.strides[columnAxis]!,
      this.#isInt8,
      this.#words,
      0,
      this.#scales,
      0,
    )
    return this
  }

  /** a·W (+ out) (+ bias). @param a [m, rows], with adjacent columns  @returns [m, columns] */
  multiply(a: Tensor, options: { out?: Tensor; accumulate?: boolean; bias?: Tensor } = {}): Matrix {
    const name = 'CompactMatrix.multiply'
    checkTensor(name, 'a', a, 'float32')
    checkOptions(name, options, PRODUCT_NAMES)
    const m = a.shape[0]!
    checkTensorShape(name, 'a', a, [m, this.rows])
    const { accumulate = false, bias, out = Tensor.zeros([m, this.columns]) } = options
    checkFlag(name, 'accumulate', accumulate)
    checkTensor(name, 'out', out, 'float32')
    checkTensorShape(name, 'out', out, [m, this.columns])
    if (accumulate && options.out === undefined)
      throw typeError(name, 'out', 'a Tensor to add to, since accumulate is set', undefined)
    if (overlap(out, a)) throw new RangeError(`${name}: out must not share elements with a`)
    if (bias !== undefined) {
      checkTensor(name, 'bias', bias, 'float32')
      checkTensorShape(name, 'bias', bias, [this.columns])
      if (!bias.isContiguous) throw rangeError(name, 'bias', 'adjacent elements', bias.strides)
    }
    for (const [argument, { strides, shape }] of Object.entries({ a, out })) {
      if (strides[1] !== 1 && shape[1]! > 1)
        throw rangeError(name, argument, 'columns that are adjacent', strides)
    }
    native.matmulCompact(
      m,
      this.columns,
      this.rows,
      a.data,
      a.offset,
      a.strides[0]!,
      this.#isInt8,
      this.#words,
      0,
      this.#scales,
      0,
      out.data,
      out.offset,
      out.strides[0]!,
      bias ? bias.data : null,
      bias ? bias.offset : 0,
      accumulate,
    )
    return out as Matrix
  }
}
