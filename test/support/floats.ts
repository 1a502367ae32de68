/** Comparing float32 results with float64 truths: by bits, by units in the last place, by bounds of their own. */
import { expect } from 'vitest'
import type { Tensor } from '../../src/tensor/index.ts'
import { elements, type Reference } from './reference-ops.ts'

/** Half a unit in the last place of 1: the relative error of one rounding. */
export const ROUNDING = 2 ** -24

const word = new Uint32Array(1)
const float = new Float32Array(word.buffer)

export function bitsOf(value: number): number {
  float[0] = value
  return word[0]!
}

export function fromBits(bits: number): number {
  word[0] = bits
  return float[0]!
}

/** One unit in the last place of the float32 nearest to `value`: 2^−149 for denormals, 2^104 beyond the range. */
export function unitInLastPlace(value: number): number {
  const exponent = (bitsOf(value) >>> 23) & 0xff
  return 2 ** (Math.min(Math.max(exponent, 1), 254) - 150)
}

/** How far a float32 is from the true value in units of the truth's last place; infinity counts as 2^128. */
export function errorInUnits(actual: number, truth: number): number {
  if (Object.is(actual, truth)) return 0
  const error = Math.abs(withoutInfinity(actual) - withoutInfinity(truth)) / unitInLastPlace(truth)
  return Number.isNaN(error) ? Infinity : error
}

const LIMIT = 2 ** 128

function withoutInfinity(value: number): number {
  return Math.min(Math.max(value, -LIMIT), LIMIT)
}

/** Numbers at the edges of float32, and those that are none. */
export const SPECIALS = [
  0,
  -0,
  1,
  -1,
  Infinity,
  -Infinity,
  Number.NaN,
  2 ** -149,
  -(2 ** -149),
  2 ** -126,
  -(2 ** -126) + 2 ** -149,
  3.4028234663852886e38,
  -3.4028234663852886e38,
]

/**
 * Asserts that every element is within `limit(i)` of the truth. A NaN must be NaN, and an infinity the same infinity.
 */
export function expectWithin(actual: Tensor, expected: Reference, limit: (i: number) => number): void {
  expect(actual.shape).toEqual(expected.shape)
  elements(actual).forEach((value, i) => {
    const truth = expected.values[i]!
    if (!Object.is(value, truth) && !(Math.abs(value - truth) <= limit(i))) {
      expect.fail(`element ${i} of [${expected.shape}]: expected ${truth} ± ${limit(i)}, got ${value}`)
    }
  })
}

/** Asserts that every element is the truth rounded once to float32, down to the sign of zero. */
export function expectExactly(actual: Tensor, expected: Reference): void {
  expect(actual.shape).toEqual(expected.shape)
  elements(actual).forEach((value, i) => {
    const truth = Math.fround(expected.values[i]!)
    if (!Object.is(value, truth)) {
      expect.fail(`element ${i} of [${expected.shape}]: expected ${truth}, got ${value}`)
    }
  })
}
