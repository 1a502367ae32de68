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

/** Returns `options` if they came as an object, not as single arguments or a list. */
export function checkOptions<Options extends object>(operation: string, options: Options): Options {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw typeError(operation, 'options', 'an object', options)
  return options
}

/** Returns `value` if it is true or false. */
export function checkFlag(operation: string, argument: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw typeError(operation, argument, 'true or false', value)
  return value
}

/** Returns the option `signal` if there is none, or an AbortSignal. */
export function checkSignal(operation: string, signal: AbortSignal | undefined): AbortSignal | undefined {
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw typeError(operation, 'signal', 'an AbortSignal', signal)
  return signal
}

/** The same for an operation that is called too often to take its options apart: their names must be among `names`. */
export function checkOptionNames(operation: string, options: object, names: readonly string[]): void {
  checkOptions(operation, options)
  for (const name in options) {
    if (!names.includes(name))
      throw typeError(operation, name, 'no such option', (options as Record<string, unknown>)[name])
  }
}

/** Throws if there are options besides those that the operation knows. */
export function checkNoOthers(operation: string, others: object): void {
  for (const [name, value] of Object.entries(others))
    throw typeError(operation, name, 'no such option', value)
}

const REASONS: Record<string, string> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'it exists and is not a folder',
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EMFILE: 'too many open files',
  EFBIG: 'the file is too large',
}

/** Why a system call failed, in words: `no space left on the disk` instead of `ENOSPC: …, write`. */
export function reason(cause: unknown): string {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code
  return (code && REASONS[code]) || (cause instanceof Error ? cause.message : String(cause))
}

/** An error that names the file or folder it is about. */
class FileError extends Error {
  readonly path: string

  constructor(message: string, path: string, cause: unknown) {
    super(message, { cause })
    this.path = path
  }
}

/**
 * A file or folder could not be used: `cannot write run.svg: no space left on the disk`. A cause that names this path
 * already is returned as it is.
 */
export function fileError(action: string, path: string, cause: unknown): Error {
  if (cause instanceof FileError && cause.path === path) return cause
  return new FileError(`cannot ${action} ${path}: ${reason(cause)}`, path, cause)
}

/** Training has come to numbers that are not finite. */
export class DivergedError extends Error {
  /** Counted from 1. */
  readonly iteration: number
  /** Of the last gradients, before clipping. */
  readonly gradientNorm: number
  override readonly name = 'DivergedError'

  constructor(message: string, iteration: number, gradientNorm: number) {
    super(message)
    this.iteration = iteration
    this.gradientNorm = gradientNorm
  }
}

/** A method was called in a state that does not allow it: `TimeRNN.backward: call forward first`. */
export function stateError(operation: string, advice: string): Error {
  return new Error(`${operation}: ${advice}`)
}
