import { Resvg } from '@resvg/resvg-js'
import { describe, expect, test } from 'vitest'
import { type Panel, spread } from '../../src/report/panels.ts'
import { renderPanels } from '../../src/report/svg.ts'

const x = [1, 2, 3, 4]
const panels: Panel[] = [
  {
    heading: 'all words',
    series: [
      { name: 'unigram', y: 150 },
      { name: 'rnn', x, y: [60, 9, 8, 7.01] },
      { name: 'lstm', x, y: [50, 8, 7, 7] },
      { name: 'floor', y: 5 },
    ],
    yLimits: [4, 12],
  },
  {
    heading: 'memory words',
    series: [
      { name: 'rnn', x, y: [9, 8, 8, 8] },
      { name: 'lstm', x, y: [9, 4, 2, 1.5] },
    ],
  },
]

/** Each text of the picture, and where it is. */
function textsOf(svg: string): { text: string; x: number; y: number; color: string }[] {
  return [...svg.matchAll(/<text ([^>]*)>([^<]*)<\/text>/g)].map(([, attributes, text]) => {
    const [, x = NaN, y = NaN] = /transform="translate\(([\d.]+) ([\d.]+)\)"/.exec(attributes!) ?? []
    return { text: text!, x: Number(x), y: Number(y), color: /fill="(#\w+)"/.exec(attributes!)![1]! }
  })
}

describe('panels', () => {
  const svg = renderPanels(panels, { logY: true, yLabel: 'held-out perplexity' })
  const texts = textsOf(svg)

  test('have headings, ranges of their own, and the name of the horizontal axis once', () => {
    const shown = texts.map(({ text }) => text)
    for (const [text, times] of [
      ['all words', 1],
      ['memory words', 1],
      ['held-out perplexity', 2],
      ['epoch', 1],
      ['12', 1],
      ['2', 3], // as an epoch, too
    ] as const)
      expect(shown.filter((other) => other === text)).toHaveLength(times)
  })

  test('name each curve and line at its end in its colour, none above another', () => {
    const names = texts.filter(({ text }) => /^(rnn|lstm|floor) [\d.]+$/.test(text))
    expect(names.map(({ text }) => text).sort()).toEqual([
      ...['floor 5.00', 'lstm 1.50', 'lstm 7.00', 'rnn 7.01', 'rnn 8.00'],
    ])
    for (const name of ['rnn', 'lstm']) {
      const colors = names.filter(({ text }) => text.startsWith(name)).map(({ color }) => color)
      expect(colors[0]).toBe(colors[1])
      expect(svg).toContain(`stroke="${colors[0]}"`)
    }
    const heights = names.map(({ y }) => y).sort((a, b) => a - b)
    for (const [index, height] of heights.slice(1).entries())
      expect(height - heights[index]!).toBeGreaterThanOrEqual(15)
  })

  test('name a line that lies off the panel beside the heading', () => {
    const [note, heading] = ['unigram (150.00, off the chart)', 'all words'].map(
      (wanted) => texts.find(({ text }) => text === wanted)!,
    )
    expect(note!.y).toBe(heading!.y)
  })

  test('cut off what lies outside their limits', () => {
    expect(svg).toMatch(/clip-path="url\(#[^)]+\)"/)
    expect(texts.map(({ text }) => text)).not.toContain('50')
  })

  test('are valid XML whatever the names are', () => {
    const name = 'a<b & "c" \u0000 \ud800 '.repeat(10)
    const strange = renderPanels([{ heading: name, series: [{ name, x, y: [1, 2, 3, 4] }] }])
    expect(() => new Resvg(strange)).not.toThrow()
    expect(strange).toMatch(/>a&lt;b [^<]*…<\/text>/)
  })

  test.each([
    [[], {}, 'renderPanels: panels: expected at least one panel, got []'],
    [[panels[0], { heading: '', series: [] }], {}, 'panels[1].series: expected at least one curve, got []'],
    [[{ ...panels[0], yLimits: [2, 1] }], {}, 'panels[0].yLimits: expected [low, high] with low below high'],
    [panels, { height: 300 }, 'renderPanels: height: expected at least '],
    [panels, { width: 10 }, 'renderPanels: width: expected an integer in 200…10000, got 10'],
  ])('%j with %j is an error', (bad, options, message) => {
    expect(() => renderPanels(bad as Panel[], options)).toThrow(message)
  })
})

describe('labels along an axis', () => {
  test.each([
    ['stay where there is room', [10, 90, 50], [10, 90, 50]],
    ['that touch move apart by equal parts', [50, 52], [46, 56]],
    ['move together', [50, 50, 50, 61], [37.75, 47.75, 57.75, 67.75]],
    ['stay on the axis', [99, 100, 0, 1], [90, 100, 0, 10]],
  ])('%s', (_, places, expected) => {
    expect(spread(places, 100, 10)).toEqual(expected)
  })
})
