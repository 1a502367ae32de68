/** Checks arguments. Each function returns the value or throws an error that names the operation and the argument. */
import { rangeError, typeError, unknownOption } from './errors.ts'

/** Returns `value` if it is an integer in `minimum … maximum`; throws otherwise. */
export function checkInteger(
  operation: string,
  argument: string,
  value: unknown,
  minimum = 1,
  maximum = Number.MAX_SAFE_INTEGER,
): number {
  const expected =
    maximum === Number.MAX_SAFE_INTEGER
      ? `an integer of at least ${minimum}`
      : `an integer in ${minimum}…${maximum}`
  if (typeof value !== 'number') throw typeError(operation, argument, expected, value)
  if (!Number.isInteger(value) || value < minimum || value > maximum) {
    throw rangeError(operation, argument, expected, value)
  }
  return value
}

/** Returns `value` if it is a finite number in `minimum … maximum`; throws otherwise. */
export function checkNumber(
  operation: string,
  argument: string,
  value: unknown,
  minimum = -Infinity,
  maximum = Infinity,
): number {
  const expected =
    minimum === -Infinity && maximum === Infinity
      ? 'a finite number'
      : maximum === Infinity
        ? `a finite number of at least ${minimum}`
        : `a finite number in ${minimum}…${maximum}`
  if (typeof value !== 'number') throw typeError(operation, argument, expected, value)
  if (!Number.isFinite(value) || value < minimum || value > maximum) {
    throw rangeError(operation, argument, expected, value)
  }
  return value
}

/** Returns `value` if it is one of the names in `choices`. */
export function checkChoice<Choice extends string>(
  operation: string,
  argument: string,
  value: unknown,
  choices: readonly Choice[],
): Choice {
  const quoted = choices.map((choice) => `'${choice}'`)
  const expected = [quoted.slice(0, -1).join(', '), quoted.at(-1)].filter(Boolean).join(' or ')
  if (typeof value !== 'string') throw typeError(operation, argument, expected, value)
  if (!choices.includes(value as Choice)) throw rangeError(operation, argument, expected, value)
  return value as Choice
}

/** Whether `value` is an object, and neither a list nor null. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Returns `options` if it is an object whose keys are all in `names`.
 * @param names the known options; without it, keys are not checked
 */
export function checkOptions<Options extends object>(
  operation: string,
  options: Options,
  names?: readonly (keyof Options)[],
): Options {
  if (!isObject(options)) throw typeError(operation, 'options', 'an object', options)
  if (names) {
    const known = names as readonly string[]
    for (const name in options) if (!known.includes(name)) throw unknownOption(operation, name, known)
  }
  return options
}

/** Returns `value` if it is true or false. */
export function checkFlag(operation: string, argument: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw typeError(operation, argument, 'true or false', value)
  return value
}

/** Returns `signal` if it is undefined or an AbortSignal. */
export function checkSignal(operation: string, signal: AbortSignal | undefined): AbortSignal | undefined {
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw typeError(operation, 'signal', 'an AbortSignal', signal)
  return signal
}
