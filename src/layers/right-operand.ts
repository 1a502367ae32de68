/** Weights as the right operand of products: as they are, packed, or rounded to a compact format. */
import {
  COMPACT_FORMATS,
  type CompactFormat,
  CompactMatrix,
  type MatmulOptions,
  matmul,
  matmulCompact,
  matmulPacked,
  PackedMatrix,
} from '../tensor/index.ts'
import type { Batch2, Weights } from './layer.ts'

export type RightOperand = Weights | PackedMatrix | CompactMatrix

/** a·W; the same bits whether float32 weights are packed or not. */
export function multiply(a: Batch2, weights: RightOperand, options: MatmulOptions): void {
  if (weights instanceof PackedMatrix) matmulPacked(a, weights, options)
  else if (weights instanceof CompactMatrix) matmulCompact(a, weights, options)
  else matmul(a, weights, options)
}

/** Weights for the products of T steps: packed, unless there is one step only, for which packing would take longer. */
export function packedFor(T: number, packed: PackedMatrix, weights: Weights): PackedMatrix | Weights {
  return T === 1 ? weights : packed.pack(weights)
}

/** The format of the weights of a frozen model; all else is float32. */
export type WeightFormat = 'float32' | CompactFormat
export const WEIGHT_FORMATS: readonly WeightFormat[] = ['float32', ...COMPACT_FORMATS]

/** A packed copy of W. */
export function freezeWeights(W: Weights, format: WeightFormat): PackedMatrix | CompactMatrix {
  const [rows, columns] = W.shape
  return (
    format === 'float32' ? new PackedMatrix(rows, columns) : new CompactMatrix(rows, columns, format)
  ).pack(W)
}
