/** The random words that scenarios train on. */
import { expect, it } from 'vitest'
import { randomTokens, zipfTokens } from '../../bench/harness/tokens.ts'

it('uses every id and none beyond the vocabulary', () => {
  const ids = randomTokens(1000, 418, 1)
  expect(ids).toHaveLength(1000)
  expect([...new Set(ids)].sort((a, b) => a - b)).toEqual(Array.from({ length: 418 }, (_, id) => id))
})

it('gives the same ids for the same seed only', () => {
  expect(randomTokens(50, 20, 1)).toEqual(randomTokens(50, 20, 1))
  expect(randomTokens(50, 20, 1)).not.toEqual(randomTokens(50, 20, 2))
})

it('refuses fewer words than the vocabulary has', () => {
  expect(() => randomTokens(3, 4, 1)).toThrow('randomTokens: count: expected an integer of at least 4, got 3')
})

it('spreads words as a text does, from the first id to the last', () => {
  const ids = zipfTokens(20_000, 10, 1)
  const counts = Array.from({ length: 10 }, (_, id) => ids.filter((other) => other === id).length)
  expect(counts.reduce((sum, count) => sum + count)).toBe(20_000)
  for (const [id, count] of counts.entries()) {
    const share = Math.log((id + 2) / (id + 1)) / Math.log(11)
    expect(Math.abs(count / 20_000 - share)).toBeLessThan(0.01)
  }
  expect(zipfTokens(50, 10, 1)).toEqual(ids.slice(0, 50))
  expect(zipfTokens(50, 10, 2)).not.toEqual(ids.slice(0, 50))
})
