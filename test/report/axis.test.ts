import { describe, expect, test } from 'vitest'
import { positionOn, xAxis, yAxis } from '../../src/report/axis.ts'

const curve = (...y: number[]) => [{ name: 'run', x: y.map((_, index) => index + 1), y }]

describe('the vertical axis', () => {
  test('starts at 0 and ends on a tick', () => {
    const axis = yAxis(curve(383, 120, 6), false, undefined, 5)
    expect(axis).toEqual({ low: 0, high: 400, log: false, ticks: [0, 100, 200, 300, 400] })
  })

  test('leaves 0 out where all values lie far above it', () => {
    const axis = yAxis(curve(115, 104), false, undefined, 7)
    expect(axis).toEqual({ low: 104, high: 116, log: false, ticks: [104, 106, 108, 110, 112, 114, 116] })
  })

  test.each([
    [[5], 0, 5],
    [[0], 0, 1],
    [[-3, -3], -3, 0],
    [[-2, 2], -2, 2],
  ])('holds %j', (values, low, high) => {
    expect(yAxis(curve(...values), false, undefined, 5)).toMatchObject({ low, high })
  })

  test('takes reference lines in', () => {
    expect(yAxis([...curve(50, 60), { name: 'floor', y: 4 }], false, undefined, 5)).toMatchObject({
      low: 0,
      high: 60,
    })
  })

  test('leaves out a reference line far above the curves, which it would squeeze together', () => {
    const lines = [
      { name: 'unigram', y: 150 },
      { name: 'floor', y: 5 },
    ]
    expect(yAxis([...curve(10, 6), ...lines], false, undefined, 5)).toMatchObject({ low: 0, high: 10 })
    const { low, high } = yAxis([...curve(10, 6), ...lines], true, undefined, 5)
    expect(low).toBeLessThan(5)
    expect(high).toBeLessThan(12)
  })

  test('keeps to given limits', () => {
    const axis = yAxis(curve(383, 120, 6), false, [0, 150], 3)
    expect(axis).toEqual({ low: 0, high: 150, log: false, ticks: [0, 50, 100, 150] })
  })

  test('has steps of 1, 2 and 5 over a few decades of a logarithmic range', () => {
    const { ticks, low, high } = yAxis(curve(383, 6), true, undefined, 5)
    expect(ticks).toEqual([5, 10, 20, 50, 100, 200].filter((tick) => tick >= low && tick <= high))
    expect(low).toBeGreaterThan(4)
    expect(low).toBeLessThan(6)
    expect(high).toBeGreaterThan(383)
  })

  test('has powers of ten over many decades, and even steps within one', () => {
    expect(yAxis(curve(1e12, 10), true, undefined, 5).ticks).toEqual([1e2, 1e4, 1e6, 1e8, 1e10, 1e12])
    expect(yAxis(curve(60, 12), true, undefined, 5).ticks).toEqual([20, 40, 60])
  })

  test('leaves out what has no place on it', () => {
    expect(yAxis(curve(Infinity, 80, Number.NaN), false, undefined, 4)).toMatchObject({ low: 0, high: 80 })
    expect(yAxis(curve(100, 0, 10), true, undefined, 4).low).toBeGreaterThan(5)
  })
})

describe('the horizontal axis', () => {
  test('spans the curves, from 0 where they start close to it', () => {
    const axis = xAxis([{ name: 'run', x: [1, 100], y: [1, 1] }], false, 5)
    expect(axis).toEqual({ low: 0, high: 100, log: false, ticks: [0, 20, 40, 60, 80, 100] })
    expect(xAxis([{ name: 'run', x: [51, 98], y: [1, 1] }], false, 5)).toMatchObject({ low: 51, high: 98 })
  })

  test.each([2, 3, 5, 6, 15, 100])('of %i epochs has ticks at whole numbers', (epochs) => {
    const x = Array.from({ length: epochs }, (_, index) => index + 1)
    for (const tickCount of [2, 7, 8, 20]) {
      const { ticks } = xAxis([{ name: 'run', x, y: x }], false, tickCount)
      expect(ticks.length).toBeGreaterThan(1)
      expect(ticks.filter((tick) => !Number.isInteger(tick))).toEqual([])
    }
  })

  test('has whole ticks within one epoch, too', () => {
    expect(xAxis([{ name: 'run', x: [0.2, 0.4, 1], y: [3, 2, 1] }], false, 8).ticks).toEqual([0, 1])
  })

  test('has room around a single point', () => {
    expect(xAxis(curve(7), false, 5)).toEqual({ low: 0, high: 2, log: false, ticks: [1] })
  })
})

test('positionOn runs from 0 to 1, in logarithms on a logarithmic axis', () => {
  expect(positionOn({ low: 10, high: 30, log: false, ticks: [] }, 25)).toBe(0.75)
  expect(positionOn({ low: 1, high: 100, log: true, ticks: [] }, 10)).toBeCloseTo(0.5)
})
