/** The few statistics of the bench. All of them take at least one figure. */
import { checkInteger } from '../../src/checks.ts'
import { rangeError } from '../../src/errors.ts'

export interface Summary {
  median: number
  min: number
  max: number
}

/** The middle figure; of an even number of figures, the mean of the middle two. */
export function median(figures: readonly number[]): number {
  checkInteger('median', 'figures.length', figures.length)
  const sorted = figures.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** The smallest figure that at least the share `q` of the figures does not exceed (nearest rank); 0 < q ≤ 1. */
export function quantile(figures: readonly number[], q: number): number {
  checkInteger('quantile', 'figures.length', figures.length)
  if (!(q > 0 && q <= 1)) throw rangeError('quantile', 'q', 'a number above 0, at most 1', q)
  return figures.toSorted((a, b) => a - b)[Math.ceil(q * figures.length) - 1]!
}

export function summarise(figures: readonly number[]): Summary {
  return { median: median(figures), min: Math.min(...figures), max: Math.max(...figures) }
}

/**
 * How many times longer `figures` are than `baseline`: the median of the ratios of each round, so that what slows down
 * one whole round (a busy machine, a lower clock) does not count. Throws a RangeError where the numbers of rounds differ.
 */
export function medianRatio(figures: readonly number[], baseline: readonly number[]): number {
  if (figures.length !== baseline.length) {
    throw rangeError('medianRatio', 'baseline.length', `${figures.length}`, baseline.length)
  }
  return median(figures.map((figure, round) => figure / baseline[round]!))
}
