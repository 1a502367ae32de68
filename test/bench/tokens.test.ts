/** The random words that scenarios train on. */
import { expect, it } from 'vitest'
import { randomTokens } from '../../bench/harness/tokens.ts'

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
