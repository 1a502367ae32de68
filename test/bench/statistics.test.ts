/** The statistics of the bench. */
import { describe, expect, it } from 'vitest'
import { median, medianRatio, quantile, summarise } from '../../bench/harness/statistics.ts'

describe('median', () => {
  it('is the middle of an odd number of figures', () => {
    expect(median([9, 1, 10])).toBe(9)
    expect(median([4])).toBe(4)
  })

  it('is the mean of the middle two of an even number', () => {
    expect(median([10, 1, 4, 2])).toBe(3)
  })

  it('orders by value and leaves the figures as they were', () => {
    const figures = [100, 20, 3]
    expect(median(figures)).toBe(20)
    expect(figures).toEqual([100, 20, 3])
  })

  it('refuses an empty list', () => {
    expect(() => median([])).toThrow('median: figures.length: expected an integer of at least 1, got 0')
  })
})

describe('quantile', () => {
  it('is the figure that the share does not exceed', () => {
    const figures = Array.from({ length: 100 }, (_, i) => 100 - i)
    expect([0.01, 0.5, 0.99, 0.991, 1].map((q) => quantile(figures, q))).toEqual([1, 50, 99, 100, 100])
    expect(quantile([7], 0.5)).toBe(7)
  })

  it('refuses a share that is none, and an empty list', () => {
    expect(() => quantile([1], 0)).toThrow('quantile: q: expected a number above 0, at most 1, got 0')
    expect(() => quantile([], 0.5)).toThrow(
      'quantile: figures.length: expected an integer of at least 1, got 0',
    )
  })
})

describe('summarise', () => {
  it('tells the median and the spread', () => {
    expect(summarise([3, 1, 2, 10])).toEqual({ median: 2.5, min: 1, max: 10 })
  })
})

describe('medianRatio', () => {
  it('is the median of the ratios of each round, not the ratio of the medians', () => {
    expect(medianRatio([2, 20, 9], [1, 10, 1])).toBe(2)
  })

  it('is one for the baseline itself', () => {
    expect(medianRatio([0.1, 0.3], [0.1, 0.3])).toBe(1)
  })

  it('refuses different numbers of rounds', () => {
    expect(() => medianRatio([1, 2], [1])).toThrow('medianRatio: baseline.length: expected 2, got 1')
  })
})
