/** Thrown when training produces numbers that are not finite. */
export class DivergedError extends Error {
  /** Counted from 1. */
  readonly iteration: number
  /** The global norm of the last gradients before clipping. */
  readonly gradientNorm: number
  override readonly name = 'DivergedError'

  constructor(message: string, iteration: number, gradientNorm: number) {
    super(message)
    this.iteration = iteration
    this.gradientNorm = gradientNorm
  }
}
