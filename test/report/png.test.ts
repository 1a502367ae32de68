import { expect, test } from 'vitest'
import type { PlotOptions } from '../../src/report/layout.ts'
import { toPng } from '../../src/report/png.ts'
import { renderSvg } from '../../src/report/svg.ts'

const series = [{ name: 'run', x: [1, 2, 3], y: [30, 20, 10] }]
const pngOf = (options?: PlotOptions) => toPng(renderSvg(series, options))

test('is a PNG of twice the size, for sharp screens', () => {
  const png = Buffer.from(pngOf({ width: 400, height: 300 }))
  expect(png.subarray(1, 4).toString()).toBe('PNG')
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([800, 600])
})

test('the same input gives the same bytes', () => {
  expect(pngOf()).toEqual(pngOf())
})

test('shows its texts without the fonts of the system', () => {
  expect(pngOf({ title: 'aaa' })).not.toEqual(pngOf({ title: 'bbb' }))
  expect(pngOf({ xLabel: 'aaa' })).not.toEqual(pngOf({ xLabel: 'bbb' }))
})
