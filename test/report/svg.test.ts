import { createRequire } from 'node:module'
import { Resvg } from '@resvg/resvg-js'
import { expect, test, vi } from 'vitest'
import type { PlotOptions } from '../../src/report/layout.ts'
import type { Series } from '../../src/report/series.ts'
import { renderSvg } from '../../src/report/svg.ts'

const run = { name: 'training', x: [1, 2, 3, 4], y: [400, 100, 50, 25] }
const floor = { name: 'floor', y: 12.5 }

/** The strokes of that colour, each as its path. */
function paths(svg: string, color: string): string[] {
  return [...svg.matchAll(/<path d="([^"]*)"([^>]*)>/g)]
    .filter(([, , attributes]) => attributes!.includes(`stroke="${color}"`))
    .map(([, path]) => path!)
}

const FIRST_COLOR = '#0072b2'

test('ECharts is not loaded before the first chart is drawn', () => {
  const loaded = () =>
    Object.keys(createRequire(import.meta.url).cache).some((path) => /[\\/]echarts[\\/]/.test(path))
  expect(loaded()).toBe(false)
  renderSvg([run])
  expect(loaded()).toBe(true)
})

test('the same input gives the same text, without running numbers and rules for the mouse', () => {
  const first = renderSvg([run, floor])
  expect(renderSvg([run, floor])).toBe(first)
  expect(first).not.toMatch(/zr\d|ecmeta|class=|<style/)
})

test('no timer keeps the process alive', () => {
  vi.useFakeTimers()
  renderSvg([run])
  vi.runAllTimers()
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

test('shows title, axes, legend and reference line', () => {
  const svg = renderSvg([run, floor], { title: 'SimpleRnnlm', xLabel: 'iterations' })
  for (const text of ['SimpleRnnlm', 'iterations', 'perplexity', 'training', 'floor (12.50)', '400']) {
    expect(svg).toContain(`>${text}</text>`)
  }
  expect(svg).toContain('stroke-dasharray')
  expect(svg).toMatch(/^<svg width="800" height="480"/)
})

test('the curves of a group have one colour, and all but the first are dashed', () => {
  const svg = renderSvg([
    { ...run, group: 'a' },
    { ...run, group: 'a' },
    { ...run, group: 'b' },
  ])
  const curves = [...svg.matchAll(/<path d="M[^"]{30,}"[^>]*stroke="(#\w+)"[^>]*>/g)].filter(
    ([, color]) => color === FIRST_COLOR || color === '#d55e00',
  )
  expect(curves.map(([path, color]) => [color, path.includes('stroke-dasharray')])).toEqual([
    [FIRST_COLOR, false],
    [FIRST_COLOR, true],
    ['#d55e00', false],
  ])
})

test('a reference line off the chart is named, and not drawn', () => {
  const svg = renderSvg([run, { name: 'unigram', y: 5000 }], { logY: true })
  expect(svg).toContain('>unigram (5,000.0, off the chart)</text>')
  expect(svg).not.toContain('>5,000</text>')
})

test('a single curve needs no legend', () => {
  expect(renderSvg([run])).not.toContain('>training</text>')
})

test('is valid XML whatever the names are, and shows equal names apart', () => {
  const name = 'a<b & "c" ]]> \u0000 \ud800 <style >'
  const svg = renderSvg(
    [
      { ...run, name },
      { ...run, name },
      { ...run, name: '' },
    ],
    { title: name, xLabel: name },
  )
  expect(() => new Resvg(svg)).not.toThrow()
  expect(svg.match(/>a&lt;b &amp; &quot;c&quot;[^<]*<\/text>/g)).toHaveLength(4)
})

test('cuts names that are too long for the legend', () => {
  const svg = renderSvg([run, { ...run, name: 'long '.repeat(100) }])
  expect(svg).toMatch(/>long long [^<]*…<\/text>/)
})

test.each([Number.NaN, Infinity, -Infinity])('%d leaves a gap', (missing) => {
  const svg = renderSvg([{ name: 'run', x: [1, 2, 3, 4, 5], y: [9, 8, missing, 6, 5] }])
  expect(paths(svg, FIRST_COLOR).join('').match(/M/g)).toHaveLength(2)
})

test('a value of 0 leaves a gap on a logarithmic axis only', () => {
  const series = [{ name: 'run', x: [1, 2, 3, 4, 5], y: [9, 8, 0, 6, 5] }]
  expect(paths(renderSvg(series), FIRST_COLOR).join('').match(/M/g)).toHaveLength(1)
  expect(
    paths(renderSvg(series, { logY: true }), FIRST_COLOR)
      .join('')
      .match(/M/g),
  ).toHaveLength(2)
})

test('a single point is a dot', () => {
  expect(renderSvg([{ name: 'run', x: [1], y: [100] }])).toMatch(/<path d="M1 0A1 1[^>]*fill="#0072b2"/)
})

test('a long run is thinned out to what can be seen', () => {
  const x = Array.from({ length: 50_000 }, (_, index) => index)
  const y = x.map((index) => 100 + (index % 7))
  expect(renderSvg([{ name: 'run', x, y }]).length).toBeLessThan(100_000)
})

test('limits cut the curve off', () => {
  const svg = renderSvg([run], { yLimits: [0, 150] })
  expect(svg).toContain('>150</text>')
  expect(svg).not.toContain('>400</text>')
  expect(svg).toMatch(/clip-path="url\(#[^)]+\)"/)
})

const bad: [string, unknown, PlotOptions, string][] = [
  ['no series', [], {}, 'series: expected at least one curve, got []'],
  ['not an array', 'run', {}, 'series: expected an array of curves, got "run"'],
  ['only a reference line', [floor], {}, 'series: expected at least one curve'],
  [
    'an empty curve',
    [run, { name: 'b', x: [], y: [] }],
    {},
    'series[1].y: expected at least one finite value, got []',
  ],
  [
    'no finite value',
    [{ name: 'a', x: [1], y: [Number.NaN] }],
    {},
    'series[0].y: expected at least one finite value',
  ],
  [
    'no place',
    [{ name: 'a', x: [1], y: [-1] }],
    { logY: true },
    'at least one finite value above 0, got [-1]',
  ],
  [
    'unequal lengths',
    [{ name: 'a', x: [1, 2], y: [1] }],
    {},
    'series[0].y: expected as many values as x has (2), got 1',
  ],
  ['no values', [{ name: 'a', x: [1] }], {}, 'series[0].y: expected an array of numbers, got undefined'],
  ['no name', [{ x: [1], y: [1] }], {}, 'series[0].name: expected a string, got undefined'],
  [
    'a floor of NaN',
    [run, { name: 'f', y: Number.NaN }],
    {},
    'series[1].y: expected a finite number, got NaN',
  ],
  [
    'limits reversed',
    [run],
    { yLimits: [5, 1] },
    'yLimits: expected [low, high] with low below high, got [5, 1]',
  ],
  [
    'a log limit of 0',
    [run],
    { yLimits: [0, 1], logY: true },
    'yLimits[0]: expected a finite number of at least',
  ],
  ['a tiny picture', [run], { width: 10 }, 'width: expected an integer in 200…10000, got 10'],
  [
    'a legend too high',
    Array(99).fill({ ...run, name: 'a run of some length' }),
    {},
    'height: expected at least',
  ],
]

test.each(bad)('%s is an error', (_, series, options, message) => {
  expect(() => renderSvg(series as Series[], options)).toThrow(message)
})
