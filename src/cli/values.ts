/** Parsers of option values. Each throws an error that states the expected value. */
import { InvalidArgumentError } from 'commander'

/** A whole number of at least `minimum`. */
export function integer(minimum: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() === '' || !Number.isSafeInteger(value) || value < minimum) {
      throw new InvalidArgumentError(`Expected a whole number of at least ${minimum}.`)
    }
    return value
  }
}

/** A number of at least 0. */
export function amount(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) {
    throw new InvalidArgumentError('Expected a number of at least 0.')
  }
  return value
}

/** Two numbers separated by a comma: `1,500`. */
export function limits(text: string): [low: number, high: number] {
  const [low, high, ...rest] = text.split(',').map(Number)
  if (low === undefined || high === undefined || rest.length > 0 || !(low < high)) {
    throw new InvalidArgumentError('Expected two numbers, the smaller first: LOW,HIGH.')
  }
  return [low, high]
}

/** The name of an .svg or .png file. */
export function pictureFile(text: string): string {
  if (!/\.(svg|png)$/i.test(text))
    throw new InvalidArgumentError('Expected a file name that ends in .svg or .png.')
  return text
}
