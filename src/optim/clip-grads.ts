/** Gradient clipping by global norm (Pascanu, Mikolov and Bengio 2013; "Deep Learning from Scratch 2", ch. 6.1). */
import { rangeError, typeError } from '../errors.ts'
import { clipRate, fixedDoubles, scaleBy, sumOfSquares, type Tensor } from '../tensor/index.ts'
import { checkTensor } from '../tensor/ops/operands.ts'

interface Scratch {
  squares: Float64Array
  norm: Float64Array
  rate: Float64Array
}

/** One for each list of gradients, so that every step of a model uses the same. */
const scratchOf = new WeakMap<readonly Tensor[], Scratch>()

/**
 * Scales all gradients in place so that their global norm is at most `maxNorm`.
 * @param maxNorm Infinity disables clipping
 * @returns the norm before clipping
 */
export function clipGrads(grads: readonly Tensor[], maxNorm: number): number {
  checkMaxNorm('clipGrads', 'maxNorm', maxNorm)
  if (!Array.isArray(grads)) throw typeError('clipGrads', 'grads', 'an array of tensors', grads)
  grads.forEach((grad, i) => {
    checkTensor('clipGrads', `grads[${i}]`, grad, 'float32')
  })
  const { squares, norm, rate } = scratchFor(grads)
  grads.forEach((grad, i) => {
    sumOfSquares(grad, squares, i)
  })
  clipRate(squares, maxNorm, norm, rate)
  for (const grad of grads) scaleBy(rate, grad)
  return norm[0]!
}

export function checkMaxNorm(operation: string, argument: string, value: unknown): void {
  const expected = 'a number of at least 0'
  if (typeof value !== 'number') throw typeError(operation, argument, expected, value)
  if (!(value >= 0)) throw rangeError(operation, argument, expected, value)
}

/** The buffer in which `clipGrads` stores the norm before clipping. */
export function clippingNorm(grads: readonly Tensor[]): Float64Array {
  return scratchFor(grads).norm
}

function scratchFor(grads: readonly Tensor[]): Scratch {
  const known = scratchOf.get(grads)
  if (known?.squares.length === grads.length) return known
  const scratch = {
    squares: fixedDoubles(grads.length),
    norm: fixedDoubles(1),
    rate: fixedDoubles(1),
  }
  scratchOf.set(grads, scratch)
  return scratch
}
