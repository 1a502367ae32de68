/**
 * The one place where errors are made, so that each names the operation, the argument, what was expected
 * and what came: `matmul: b: expected [3, n], got [4, 5]`.
 */

/** A value as an error message shows it: short, and telling apart what looks alike ('3' and 3, a Tensor and an array). */
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

/** The argument is of the wrong kind. */
export function typeError(operation: string, argument: string, expected: string, actual: unknown): TypeError {
  return new TypeError(message(operation, argument, expected, actual))
}

/** The argument is of the right kind, but its value or shape does not fit. */
export function rangeError(
  operation: string,
  argument: string,
  expected: string,
  actual: unknown,
): RangeError {
  return new RangeError(message(operation, argument, expected, actual))
}

/** A method was called in a state that does not allow it: `TimeRNN.backward: call forward first`. */
export function stateError(operation: string, advice: string): Error {
  return new Error(`${operation}: ${advice}`)
}
