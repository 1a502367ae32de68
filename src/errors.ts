/**
 * Creates all argument errors, so that each names the operation, the argument, what was expected and what was given:
 * `matmul: b: expected [3, n], got [4, 5]`.
 */
import { closestName } from './closest-name.ts'

/** Formats a value for an error message: short and unambiguous ('3' or 3, a Tensor or an array). */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value)
  if (Array.isArray(value) && value.length <= 8 && value.every((item) => typeof item === 'number')) {
    return `[${value.join(', ')}]`
  }
  if (typeof value === 'function') return 'a function'
  if (value !== null && typeof value === 'object') {
    const name = value.constructor?.name ?? 'an object'
    const length = (value as { length?: unknown }).length
    return typeof length === 'number' ? `${name}(${length})` : name
  }
  return String(value)
}

function message(operation: string, argument: string, expected: string, actual: unknown): string {
  return `${operation}: ${argument}: expected ${expected}, got ${show(actual)}`
}

/** The error for an argument of the wrong type. */
export function typeError(operation: string, argument: string, expected: string, actual: unknown): TypeError {
  return new TypeError(message(operation, argument, expected, actual))
}

/** The error for an argument of the right type with an invalid value or shape. */
export function rangeError(
  operation: string,
  argument: string,
  expected: string,
  actual: unknown,
): RangeError {
  return new RangeError(message(operation, argument, expected, actual))
}

/** The error for an unknown option; suggests the closest known one: `fit: unknown option "lrs"; did you mean "lr"?`. */
export function unknownOption(operation: string, name: string, known: readonly string[]): TypeError {
  return new TypeError(`${operation}: unknown option ${show(name)}; ${suggestion(name, known)}`)
}

function suggestion(name: string, known: readonly string[]): string {
  const closest = closestName(name, known)
  if (closest !== undefined) return `did you mean ${show(closest)}?`
  return known.length === 0 ? 'it takes no options' : `known options: ${known.join(', ')}`
}

/** The error for a method called in the wrong state: `TimeRNN.backward: call forward first`. */
export function stateError(operation: string, advice: string): Error {
  return new Error(`${operation}: ${advice}`)
}

/** The error for an argument with a problem described in words: `State.fromBytes: bytes: a layer has no tensors`. */
export function argumentError(operation: string, argument: string, problem: string): RangeError {
  return new RangeError(`${operation}: ${argument}: ${problem}`)
}
