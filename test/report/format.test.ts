import { expect, test } from 'vitest'
import { formatCount, formatDuration, formatPerplexity, formatTick } from '../../src/report/format.ts'

test.each([
  [0, '0'],
  [999, '999'],
  [212345.4, '212,345'],
  [1234567.5, '1,234,568'],
  [Number.NaN, 'NaN'],
  [Infinity, 'Infinity'],
])('formatCount(%d) is %s', (count, text) => {
  expect(formatCount(count)).toBe(text)
})

test.each([
  [1, '1.00'],
  [123.456, '123.46'],
  [999.994, '999.99'],
  [999.996, '1,000.0'],
  [1234.56, '1,234.6'],
  [9999.96, '10,000'],
  [12345.6, '12,346'],
  [1.5e12, '1.50e+12'],
  [Infinity, 'Infinity'],
  [Number.NaN, 'NaN'],
])('formatPerplexity(%d) is %s', (perplexity, text) => {
  expect(formatPerplexity(perplexity)).toBe(text)
})

test.each([
  [0, '0:00'],
  [11.6, '0:12'],
  [59.6, '1:00'],
  [61, '1:01'],
  [3599.7, '1:00:00'],
  [36_061, '10:01:01'],
  [-3, '0:00'],
  [Number.NaN, '-:--'],
  [Infinity, '-:--'],
])('formatDuration(%d) is %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text)
})

test.each([
  [0, '0'],
  [3 * 0.1, '0.3'],
  [-2.5, '-2.5'],
  [20_000, '20,000'],
  [1e12, '1e+12'],
  [5e-5, '5e-5'],
])('formatTick(%d) is %s', (value, text) => {
  expect(formatTick(value)).toBe(text)
})
