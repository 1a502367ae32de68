/** Checks of settings that several optimizers share. */
import { checkNumber } from '../checks.ts'
import { rangeError, typeError } from '../errors.ts'

/** Checks and returns a decay rate. */
export function checkDecay(operation: string, argument: string, value: unknown): number {
  const expected = 'a number of at least 0 and less than 1'
  if (typeof value !== 'number') throw typeError(operation, argument, expected, value)
  if (!(value >= 0 && value < 1)) throw rangeError(operation, argument, expected, value)
  return value
}

/** Checks and returns eps, which bounds a division by a small root. With 0, a gradient that was always 0 gives NaN. */
export function checkEps(operation: string, value: unknown): number {
  return checkNumber(operation, 'eps', value, 0)
}
