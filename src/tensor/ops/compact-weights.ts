/** Products with weights in a compact format, for reading a trained model. */
import { checkChoice, checkFlag, checkOptions } from '../../checks.ts'
import { native } from '../../native.ts'
import type { Tensor } from '../tensor.ts'
import { tanh } from './elementwise.ts'
import { checkRows, type MatmulOptions, type Matrix, prepare } from './matmul.ts'
import { checkTensor, checkTensorShape } from './operands.ts'

/** `bfloat16`: 8 bits of precision, half the bytes of float32. `int8`: a quarter, with one scale for each column. */
export type CompactFormat = (typeof COMPACT_FORMATS)[number]
export const COMPACT_FORMATS = ['bfloat16', 'int8'] as const

const PRODUCT_NAMES = ['out', 'accumulate', 'bias', 'activation'] as const

/** The right operand of many products with few rows, rounded to a compact format and packed once. */
export class CompactMatrix {
  readonly rows: number
  readonly columns: number
  readonly format: CompactFormat
  readonly #words: Uint32Array
  /** int8: the scale of each column. */
  readonly #scales: Float32Array

  /** For matrices of `rows` × `columns` after any transpose; zero until something is packed. */
  constructor(rows: number, columns: number, format: CompactFormat) {
    checkChoice('CompactMatrix', 'format', format, COMPACT_FORMATS)
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

  /** The native arguments that describe the packed matrix. */
  get packed(): [int8: boolean, words: Uint32Array, offset: number, scales: Float32Array, offset: number] {
    return [this.#isInt8, this.#words, 0, this.#scales, 0]
  }
}

/** matmul with compact weights as the right operand. The columns of a must be adjacent. */
export function matmulCompact(
  a: Tensor,
  b: CompactMatrix,
  options: Omit<MatmulOptions, 'transA' | 'transB'> = {},
): Matrix {
  checkOptions('matmul', options, PRODUCT_NAMES)
  const { m, out } = prepare(a, b, b.rows, b.columns, options)
  const { accumulate = false, bias, activation } = options
  checkRows('a', a)
  checkRows('out', out)
  native.matmulCompact(
    m,
    b.columns,
    b.rows,
    a.data,
    a.offset,
    a.strides[0]!,
    ...b.packed,
    out.data,
    out.offset,
    out.strides[0]!,
    bias ? bias.data : null,
    bias ? bias.offset : 0,
    accumulate,
  )
  if (activation === 'tanh') tanh(out, { out })
  return out as Matrix
}
