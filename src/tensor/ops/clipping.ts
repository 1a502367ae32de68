/**
 * Gradient clipping, and the check that ends a training step early. The values they depend on stay in buffers, so that a
 * step can be recorded.
 */
import { native } from '../../native.ts'
import type { Tensor } from '../tensor.ts'
import { checkTensor, columnsOf, intoRows, rowStrideOf, rowsOf } from './operands.ts'

/** Returns whether the first number is finite; if it is not, a tape stops here. */
export function stopUnlessFinite(value: Float64Array): boolean {
  return native.stopUnlessFinite(value, 0)
}

/** norm[0] = √Σ squares, rate = min(1, maxNorm / (norm + 1e−6)). */
export function clipRate(
  squares: Float64Array,
  maxNorm: number,
  norm: Float64Array,
  rate: Float64Array,
): void {
  native.clipRate(squares.length, squares, 0, maxNorm, norm, 0, rate, 0)
}

/** a ← factor · a */
export function scaleBy(factor: Float64Array, a: Tensor): void {
  checkTensor('scaleBy', 'a', a, 'float32')
  intoRows(a, (out) => {
    native.scaleBy(rowsOf(out), columnsOf(out), factor, 0, out.data, out.offset, rowStrideOf(out))
  })
}
