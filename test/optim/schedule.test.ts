import { expect, it } from 'vitest'
import { type Schedule, scheduledRate } from '../../src/optim/index.ts'

const ratesOf = (schedule: Schedule, count: number) =>
  Array.from({ length: count }, (_, i) => scheduledRate(schedule, i))

it('a rate without schedule stays what it is', () => {
  expect(ratesOf({ lr: 0.3 }, 3)).toEqual([0.3, 0.3, 0.3])
})

it('the warm-up rises in equal steps and reaches the rate with its last iteration', () => {
  expect(ratesOf({ lr: 2, warmupIterations: 4 }, 6)).toEqual([0.5, 1, 1.5, 2, 2, 2])
  expect(ratesOf({ lr: 2, warmupIterations: 1 }, 2)).toEqual([2, 2])
})

it('the cosine falls from the rate to a fraction of it over the run, and stays there', () => {
  const rates = ratesOf({ lr: 2, decay: 'cosine', iterations: 4 }, 7)
  const [quarter, threeQuarters] = [1 + Math.SQRT1_2, 1 - Math.SQRT1_2]
  for (const [i, wanted] of [2, quarter, 1, threeQuarters, 0, 0, 0].entries()) {
    expect(rates[i]).toBeCloseTo(wanted, 14)
  }
  const partly = ratesOf({ lr: 2, decay: 'cosine', finalFraction: 0.25, iterations: 2 }, 4)
  for (const [i, wanted] of [2, 1.25, 0.5, 0.5].entries()) expect(partly[i]).toBeCloseTo(wanted, 14)
})

it('the cosine begins where the warm-up ends', () => {
  const rates = ratesOf({ lr: 1, warmupIterations: 2, decay: 'cosine', iterations: 6 }, 7)
  for (const [i, wanted] of [0.5, 1, 1, 0.5 + Math.SQRT1_2 / 2, 0.5, 0.5 - Math.SQRT1_2 / 2, 0].entries()) {
    expect(rates[i]).toBeCloseTo(wanted, 14)
  }
})

it('a run that is all warm-up never divides by zero', () => {
  expect(ratesOf({ lr: 1, warmupIterations: 4, decay: 'cosine', iterations: 2 }, 6)).toEqual([
    0.25, 0.5, 0.75, 1, 0, 0,
  ])
  expect(ratesOf({ lr: 1, warmupIterations: 2, decay: 'cosine', iterations: 2 }, 3)).toEqual([0.5, 1, 0])
})

it('names what does not fit', () => {
  expect(() => scheduledRate({ lr: -1 }, 0)).toThrow(
    new RangeError('scheduledRate: lr: expected a finite number of at least 0, got -1'),
  )
  expect(() => scheduledRate({ lr: 1 }, -1)).toThrow(
    new RangeError('scheduledRate: iteration: expected an integer of at least 0, got -1'),
  )
  expect(() => scheduledRate({ lr: 1, warmupIterations: 0.5 }, 0)).toThrow(RangeError)
  expect(() => scheduledRate({ lr: 1, decay: 'linear' as never }, 0)).toThrow(
    new RangeError("scheduledRate: decay: expected 'none' or 'cosine', got \"linear\""),
  )
  expect(() => scheduledRate({ lr: 1, decay: 'cosine' }, 0)).toThrow(
    new TypeError('scheduledRate: iterations: expected an integer of at least 1, got undefined'),
  )
  expect(() => scheduledRate({ lr: 1, finalFraction: 2 }, 0)).toThrow(RangeError)
})
