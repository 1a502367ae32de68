/** Writes charts to files. */
import { extname } from 'node:path'
import { rangeError } from '../errors.ts'
import { writeFileWhole } from '../files/whole-file.ts'
import type { PlotOptions } from './layout.ts'
import type { Panel, PanelsOptions } from './panels.ts'
import { toPng } from './png.ts'
import type { Series } from './series.ts'
import { renderPanels, renderSvg } from './svg.ts'

/**
 * Writes a chart of the series to `path`, whose extension selects the format: `.svg` or `.png`. The file is written
 * atomically.
 * @throws {RangeError} for another extension
 * @throws {TypeError | RangeError} for invalid series or options
 * @throws an error that names the path and the reason if the file cannot be written
 */
export function savePlot(path: string, series: readonly Series[], options: PlotOptions = {}): void {
  save('savePlot', path, () => renderSvg(series, options))
}

/** Writes stacked panels in the same way. */
export function savePanels(path: string, panels: readonly Panel[], options: PanelsOptions = {}): void {
  save('savePanels', path, () => renderPanels(panels, options))
}

function save(operation: string, path: string, render: () => string): void {
  const extension = extname(path).toLowerCase()
  if (extension === '.svg') writeFileWhole(path, render())
  else if (extension === '.png') writeFileWhole(path, toPng(render()))
  else throw rangeError(operation, 'path', 'a name that ends in .svg or .png', path)
}
