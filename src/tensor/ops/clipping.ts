/**
 * Gradient clipping, and the check that ends a training step early. The values they depend on stay in buffers, so that a
 * step can be recorded.
 */
import { native } from '../../native.ts'
import type { Scalar } from '../scalar.ts'
import type { Tensor } from '../tensor.ts'
import { checkTensor, columnsOf, intoRows, rowStrideOf, rowsOf } from './operands.ts'

/** Returns whether the number is finite; if it is not, a tape stops here. */
export function stopUnlessFinite({ data }: Scalar): boolean {
  return native.stopUnlessFinite(data, 0)
}

/** norm = √Σ squares, rate = min(1, maxNorm / (norm + 1e−6)). */
export function clipRate(squares: Float64Array, maxNorm: number, norm: Scalar, rate: Scalar): void {
  native.clipRate(squares.length, squares, 0, maxNorm, norm.data, 0, rate.data, 0)
}

/** a ← factor · a */
export function scaleBy(factor: Scalar, a: Tensor): void {
  checkTensor('scaleBy', 'a', a, 'float32')
  intoRows(a, (out) => {
    native.scaleBy(rowsOf(out), columnsOf(out), factor.data, 0, out.data, out.offset, rowStrideOf(out))
  })
}
