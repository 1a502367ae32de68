import { expect, test } from 'vitest'
import { renderPng } from '../../src/report/png.ts'

const series = [{ name: 'run', x: [1, 2, 3], y: [30, 20, 10] }]

test('is a PNG of twice the size, for sharp screens', () => {
  const png = Buffer.from(renderPng(series, { width: 400, height: 300 }))
  expect(png.subarray(1, 4).toString()).toBe('PNG')
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([800, 600])
})

test('the same input gives the same bytes', () => {
  expect(renderPng(series)).toEqual(renderPng(series))
})

test('shows its texts without the fonts of the system', () => {
  expect(renderPng(series, { title: 'aaa' })).not.toEqual(renderPng(series, { title: 'bbb' }))
  expect(renderPng(series, { xLabel: 'aaa' })).not.toEqual(renderPng(series, { xLabel: 'bbb' }))
})
