/** Weights that are packed once and only read: in float32, or rounded to a compact format. */
import {
  type CompactFormat,
  CompactMatrix,
  matmulPacked,
  PackedMatrix,
  type Tensor,
} from '../tensor/index.ts'
import type { Batch2, Bias, Weights } from './layer.ts'

/** The format of the weights of a frozen model; all else is float32. */
export type WeightFormat = 'float32' | CompactFormat
export const WEIGHT_FORMATS: readonly WeightFormat[] = ['float32', 'bfloat16', 'int8']

interface ProductOptions {
  out: Batch2
  accumulate?: boolean
  bias?: Bias
}

/** The right operand W of products a·W. */
export interface FrozenWeights {
  readonly byteLength: number
  /** Takes over the values of W, of the shape that it was made with. */
  pack(W: Tensor): void
  /** out = a·W (+ out) (+ bias), a [N, rows of W] */
  multiply(a: Batch2, options: ProductOptions): void
}

/** Packs W [rows, columns]. */
export function freezeWeights(W: Weights, format: WeightFormat): FrozenWeights {
  const [rows, columns] = W.shape
  const weights = format === 'float32' ? new Float32Weights(rows, columns) : compact(rows, columns, format)
  weights.pack(W)
  return weights
}

class Float32Weights implements FrozenWeights {
  readonly #packed: PackedMatrix

  constructor(rows: number, columns: number) {
    this.#packed = new PackedMatrix(rows, columns)
  }

  get byteLength(): number {
    return this.#packed.data.byteLength
  }

  pack(W: Tensor): void {
    this.#packed.pack(W)
  }

  multiply(a: Batch2, options: ProductOptions): void {
    matmulPacked(a, this.#packed, options)
  }
}

function compact(rows: number, columns: number, format: CompactFormat): FrozenWeights {
  return new CompactMatrix(rows, columns, format)
}
