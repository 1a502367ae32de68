import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { savePanels, savePlot } from '../../src/report/plot.ts'
import { toPng } from '../../src/report/png.ts'
import { renderPanels, renderSvg } from '../../src/report/svg.ts'

const disk = vi.hoisted(() => ({ full: false }))

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof import('node:fs')>()
  const writeFileSync: typeof fs.writeFileSync = (file, data, options) => {
    if (!disk.full) return fs.writeFileSync(file, data, options)
    if (typeof file === 'number') fs.writeSync(file, 'the part that still fitted')
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  }
  return { ...fs, writeFileSync }
})

const series = [{ name: 'run', x: [1, 2, 3], y: [30, 20, 10] }]
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rnnlm-plot-'))
})

afterEach(() => {
  disk.full = false
  rmSync(folder, { recursive: true })
})

test('the extension decides between SVG and PNG', () => {
  savePlot(join(folder, 'a.svg'), series, { title: 'run' })
  expect(readFileSync(join(folder, 'a.svg'), 'utf8')).toBe(renderSvg(series, { title: 'run' }))
  savePlot(join(folder, 'new', 'b.PNG'), series)
  expect(readFileSync(join(folder, 'new', 'b.PNG')).equals(toPng(renderSvg(series)))).toBe(true)
})

test('panels are saved in the same way', () => {
  const panels = [{ heading: 'run', series }]
  savePanels(join(folder, 'a.svg'), panels)
  expect(readFileSync(join(folder, 'a.svg'), 'utf8')).toBe(renderPanels(panels))
  savePanels(join(folder, 'b.png'), panels)
  expect(readFileSync(join(folder, 'b.png')).equals(toPng(renderPanels(panels)))).toBe(true)
  expect(() => savePanels(join(folder, 'c.pdf'), panels)).toThrow('savePanels: path: expected a name')
})

test.each(['run.pdf', 'run', 'svg', ''])('%j is an error', (name) => {
  expect(() => savePlot(join(folder, name), series)).toThrow(
    'savePlot: path: expected a name that ends in .svg or .png',
  )
  expect(readdirSync(folder)).toEqual([])
})

test.each(['run.svg', 'run.png'])('a full disk leaves the old %s whole and no other file', (name) => {
  const path = join(folder, name)
  writeFileSync(path, 'the plot of yesterday')
  disk.full = true
  expect(() => savePlot(path, series)).toThrow(`cannot write ${path}: no space left on the disk`)
  expect(readdirSync(folder)).toEqual([name])
  expect(readFileSync(path, 'utf8')).toBe('the plot of yesterday')
})

test('a path that cannot be is an error that names it', () => {
  writeFileSync(join(folder, 'file'), '')
  const path = join(folder, 'file', 'run.svg')
  expect(() => savePlot(path, series)).toThrow(`cannot write ${path}`)
})

test('nothing is written of series that cannot be drawn', () => {
  expect(() => savePlot(join(folder, 'run.svg'), [])).toThrow('at least one curve')
  expect(readdirSync(folder)).toEqual([])
})

test('draws curves that differ by little, wherever they are', () => {
  const path = join(folder, 'run.svg')
  for (let i = 1; i <= 60; i++) {
    const low = i * 1.148 + 0.0093
    for (const by of [0.001, 0.037, 0.5]) savePlot(path, [{ name: 'run', x: [1, 2], y: [low, low + by] }])
  }
})
