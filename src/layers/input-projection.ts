/**
 * The input part of cells that project their inputs by one matrix: all steps of a block in one product.
 *
 *     a = xs·Wx + b                                          xs [N·T, D], a [N·T, G]
 *     dWx = xsᵀ·da,  db = Σ da,  dxs = da·Wxᵀ
 */
import { matmul, sum } from '../tensor/index.ts'
import type { Bias, Weights } from './layer.ts'
import { multiply, type RightOperand } from './right-operand.ts'

interface ProjectionWeights {
  Wx: Weights
  b: Bias
}

export function projectInputs(xs: Weights, { Wx, b }: { Wx: RightOperand; b: Bias }, a: Weights): void {
  multiply(xs, Wx, { out: a, bias: b })
}

/** Writes the gradients of Wx and b to `gradients`, and that of xs to `dxs`. */
export function projectInputsBackward(
  { xs, da, dxs }: { xs: Weights; da: Weights; dxs: Weights },
  { Wx }: ProjectionWeights,
  gradients: ProjectionWeights,
): void {
  matmul(xs, da, { transA: true, out: gradients.Wx })
  sum(da, 0, { out: gradients.b })
  matmul(da, Wx, { transB: true, out: dxs })
}
