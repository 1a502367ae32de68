/** Gradient clipping by global norm (Pascanu, Mikolov and Bengio 2013; "Deep Learning from Scratch 2", ch. 6.1). */
import { rangeError, typeError } from '../errors.ts'
import { clipRate, fixedDoubles, Scalar, scaleBy, sumOfSquares, type Tensor } from '../tensor/index.ts'
import { checkTensor } from '../tensor/ops/operands.ts'

/** Clips gradients by operations only, so that a step can be recorded. */
export class GradientClipping {
  /** The global norm before the last clipping. */
  readonly norm = new Scalar()
  readonly #rate = new Scalar()
  /** The sum of squares of each gradient. */
  #squares = fixedDoubles(0)

  /** Scales all gradients in place so that their global norm is at most `maxNorm`; Infinity disables clipping. */
  clip(grads: readonly Tensor[], maxNorm: number): void {
    if (this.#squares.length !== grads.length) this.#squares = fixedDoubles(grads.length)
    grads.forEach((grad, i) => {
      sumOfSquares(grad, this.#squares, i)
    })
    clipRate(this.#squares, maxNorm, this.norm, this.#rate)
    for (const grad of grads) scaleBy(this.#rate, grad)
  }
}

const clipping = new GradientClipping()

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
  clipping.clip(grads, maxNorm)
  return clipping.norm.value
}

export function checkMaxNorm(operation: string, argument: string, value: unknown): void {
  const expected = 'a number of at least 0'
  if (typeof value !== 'number') throw typeError(operation, argument, expected, value)
  if (!(value >= 0)) throw rangeError(operation, argument, expected, value)
}
