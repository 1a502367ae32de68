/**
 * The learning rate as a function of the iteration: a linear warm-up over w iterations, then either the rate as it is or a
 * half cosine down to a fraction f of it at the end of the run of n iterations (Loshchilov and Hutter 2017, equation 5,
 * without restarts). After i iterations:
 *
 *     i < w    lr · (i + 1) / w
 *     i ≥ w    lr · (f + (1 − f) · (1 + cos(π · (i − w) / (n − w))) / 2)
 */
import { checkInteger, checkNumber, checkOptions } from '../checks.ts'
import { rangeError } from '../errors.ts'

export interface Schedule {
  /** The rate after the warm-up. */
  lr: number
  /** w; 0 */
  warmupIterations?: number
  /** `none` */
  decay?: 'none' | 'cosine'
  /** f, where the cosine ends; 0 */
  finalFraction?: number
  /** n, of the whole run, those of the warm-up among them; only a decay asks for it. */
  iterations?: number
}

/**
 * The rate of the next iteration.
 * @param iteration i, iterations done before; from the end of the run on the rate stays what it is there
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
