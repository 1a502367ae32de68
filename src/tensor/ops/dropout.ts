/** The mask of inverted dropout (Srivastava et al. 2014): kept elements are scaled up in training, and evaluation needs no scaling. */
import { checkNumber } from '../../checks.ts'
import { rangeError } from '../../errors.ts'
import { native } from '../../native.ts'
import type { Random } from '../random.ts'
import type { Tensor } from '../tensor.ts'
import { checkTensor } from './operands.ts'

/**
 * Sets each element of `out` to 0 with probability `ratio`, otherwise to 1 / (1 - ratio). The mask depends only on the seed
 * and position of the generator, and advances the position, in a recorded step too.
 */
export function dropoutMask(rng: Random, ratio: number, out: Tensor): void {
  checkTensor('dropoutMask', 'out', out, 'float32')
  checkDropoutRatio('dropoutMask', 'ratio', ratio)
  if (!out.isContiguous) throw rangeError('dropoutMask', 'out', 'adjacent elements', out.strides)
  native.dropoutMask(out.size, rng.seed, rng.position.data, 0, ratio, out.data, out.offset)
}

/** Returns `ratio` if it is a number in [0, 1); throws otherwise. */
export function checkDropoutRatio(operation: string, argument: string, ratio: unknown): number {
  if (checkNumber(operation, argument, ratio, 0) >= 1)
    throw rangeError(operation, argument, 'a number in [0, 1)', ratio)
  return ratio as number
}
