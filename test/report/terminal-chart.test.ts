import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { terminalChart } from '../../src/report/terminal-chart.ts'

const epochs = Array.from({ length: 100 }, (_, index) => index + 1)
const training = { name: 'training', x: epochs, y: epochs.map((epoch) => 380 * Math.exp(-epoch / 12) + 6) }
const heldOut = { name: 'held-out', x: epochs, y: epochs.map((epoch) => 360 * Math.exp(-epoch / 14) + 22) }
const floor = { name: 'floor', y: 4.31 }

test('draws a curve with axes and legend', () => {
  expect(terminalChart([training], { width: 40, height: 8 })).toBe(
    [
      '── training',
      '400┤',
      '   │╮',
      '   │╰╮',
      '   │ ╰╮',
      '200┤  ╰─╮',
      '   │    ╰─╮',
      '   │      ╰────╮',
      '  0┤           ╰────────────────────────',
      '   └┬─────────────────┬────────────────┬',
      '    0                 50             100',
      '                   epoch',
    ].join('\n'),
  )
})

test.each([30, 40, 80, 200])('fits %d columns', (width) => {
  const long = { ...training, name: 'a name that is longer than a narrow terminal is wide' }
  const chart = terminalChart([training, heldOut, long, floor], {
    width,
    xLabel: 'iterations of the whole run, all',
  })
  const longest = Math.max(...chart.split('\n').map((line) => line.length))
  expect(longest).toBe(width)
})

test('tells series apart without colour', () => {
  const chart = terminalChart([training, heldOut, floor])
  expect(chart).toContain('── training   ━━ held-out   ┄┄ floor (4.31)')
  expect(chart).toMatch(/╰─+/)
  expect(chart).toMatch(/┗━+/)
  expect(chart).toMatch(/┄{10}/)
})

test('does not draw a reference line off the chart', () => {
  const chart = terminalChart([training, { name: 'unigram', y: 5000 }], { logY: true })
  expect(chart).toContain('┄┄ unigram (5,000.0, off the chart)')
  expect(chart.match(/┄+/g)).toHaveLength(1)
})

test('gives the curves of a group one colour and a stroke each', () => {
  const grouped = [training, heldOut].map((curve) => ({ ...curve, group: 'run' }))
  const chart = terminalChart(grouped, { color: true })
  expect(chart.split('\u001b[34m').length).toBeGreaterThan(3)
  expect(chart).not.toContain('\u001b[33m')
  expect(stripVTControlCharacters(chart)).toContain('── training   ━━ held-out')
})

test('uses colour only when asked, and then for nothing else', () => {
  const plain = terminalChart([training, heldOut])
  const coloured = terminalChart([training, heldOut], { color: true })
  expect(plain).not.toContain('\u001b')
  expect(coloured).toContain('\u001b[34m')
  expect(stripVTControlCharacters(coloured)).toBe(plain)
})

test('labels a logarithmic axis', () => {
  const labels = terminalChart([training], { logY: true }).match(/^ *\d+(?=┤)/gm)!
  expect(labels.map(Number)).toEqual([200, 100, 50, 20, 10, 5])
})

test('shows the mean of a long run', () => {
  const x = Array.from({ length: 100_000 }, (_, index) => index)
  const noisy = { name: 'run', x, y: x.map((index) => (index % 2 === 0 ? 0 : 100)) }
  const rows = terminalChart([noisy], { height: 9 }).split('\n').slice(1, 10)
  expect(rows.filter((row) => row.includes('─'))).toEqual([rows[4]])
})

test('a missing value leaves a gap, and a lone point is a dot', () => {
  const chart = terminalChart([{ name: 'run', x: [1, 2, 3, 4, 5], y: [4, 4, Number.NaN, 4, Number.NaN] }], {
    width: 62,
  })
  expect(chart.split('\n')[1]).toBe('4┤               ────────────────                            ●')
  expect(terminalChart([{ name: 'run', x: [7], y: [5] }])).toMatch(/●/)
})

test.each([
  [[], {}, 'terminalChart: series: expected at least one curve'],
  [[training], { width: 20 }, 'terminalChart: width: expected an integer of at least 30, got 20'],
  [[training], { height: 1 }, 'terminalChart: height: expected an integer of at least 4, got 1'],
])('bad input is an error (%#)', (series, options, message) => {
  expect(() => terminalChart(series, options)).toThrow(message)
})
