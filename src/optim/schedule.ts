/**
 * The learning rate as a function of the iteration: a linear warm-up over w iterations, then either constant or a half
 * cosine that falls to a fraction f at the end of a run of n iterations (Loshchilov and Hutter 2017, equation 5,
 * without restarts). After i iterations:
 *
 *     i < w    lr · (i + 1) / w
 *     i ≥ w    lr · (f + (1 − f) · (1 + cos(π · (i − w) / (n − w))) / 2)
 */
import { checkInteger, checkNumber, checkOptions } from '../checks.ts'
import { rangeError } from '../errors.ts'

export interface Schedule {
  /** The learning rate after warm-up. */
  lr: number
  /** w; defaults to 0. */
  warmupIterations?: number
  /** Defaults to `none`. */
  decay?: 'none' | 'cosine'
  /** f, the final fraction of the cosine; defaults to 0. */
  finalFraction?: number
  /** n, the number of iterations of the whole run including warm-up; required only with a decay. */
  iterations?: number
}

/**
 * The learning rate of the next iteration.
 * @param iteration i, the number of iterations done; the rate is constant after the end of the run
 */
export function scheduledRate(schedule: Schedule, iteration: number): number {
  const {
    lr: rate,
    warmupIterations = 0,
    decay = 'none',
    finalFraction = 0,
    iterations: length,
  } = checkOptions('scheduledRate', schedule, [
    'lr',
    'warmupIterations',
    'decay',
    'finalFraction',
    'iterations',
  ])
  const lr = checkNumber('scheduledRate', 'lr', rate, 0)
  const warmup = checkInteger('scheduledRate', 'warmupIterations', warmupIterations, 0)
  const done = checkInteger('scheduledRate', 'iteration', iteration, 0)
  if (decay !== 'none' && decay !== 'cosine')
    throw rangeError('scheduledRate', 'decay', "'none' or 'cosine'", decay)
  checkNumber('scheduledRate', 'finalFraction', finalFraction, 0, 1)
  if (decay === 'cosine') checkInteger('scheduledRate', 'iterations', length)
  if (done < warmup) return (lr * (done + 1)) / warmup
  if (decay === 'none') return lr
  const iterations = length!
  const progress = done >= iterations ? 1 : (done - warmup) / (iterations - warmup)
  return lr * (finalFraction + ((1 - finalFraction) * (1 + Math.cos(Math.PI * progress))) / 2)
}
