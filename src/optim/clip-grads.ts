/** Clipping by the global norm (Pascanu, Mikolov and Bengio 2013; "Deep Learning from Scratch 2", ch. 6.1). */
import { checkNumber } from '../errors.ts'
import { scale, sumOfSquares, type Tensor } from '../tensor/index.ts'
import { checkTensor } from '../tensor/ops/operands.ts'

/**
 * Scales all gradients in place so that their norm, taken over all of them together, is at most `maxNorm`.
 * @returns the norm before clipping
 */
export function clipGrads(grads: readonly Tensor[], maxNorm: number): number {
  checkNumber('clipGrads', 'maxNorm', maxNorm, 0)
  let total = 0
  for (let i = 0; i < grads.length; i++) {
    checkTensor('clipGrads', `grads[${i}]`, grads[i], 'float32')
    total += sumOfSquares(grads[i]!)
  }
  const norm = Math.sqrt(total)
  const rate = maxNorm / (norm + 1e-6)
  if (rate < 1) for (const grad of grads) scale(grad, rate, { out: grad })
  return norm
}
