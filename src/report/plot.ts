/** Charts as files. */
import { extname } from 'node:path'
import { rangeError } from '../errors.ts'
import { writeFileWhole } from '../files/whole-file.ts'
import type { PlotOptions } from './layout.ts'
import type { Panel, PanelsOptions } from './panels.ts'
import { toPng } from './png.ts'
import type { Series } from './series.ts'
import { renderPanels, renderSvg } from './svg.ts'

/**
 * Draws the series into `path`, whose extension decides: `.svg` or `.png`. The file is written whole or not at all.
 * @throws RangeError for another extension; TypeError | RangeError for series or options that do not fit; an error that
 *   names the path and the reason when it cannot be written.
 */
export function savePlot(path: string, series: readonly Series[], options: PlotOptions = {}): void {
  save('savePlot', path, () => renderSvg(series, options))
}

/** Draws panels below one another in the same way. */
export function savePanels(path: string, panels: readonly Panel[], options: PanelsOptions = {}): void {
  save('savePanels', path, () => renderPanels(panels, options))
}

function save(operation: string, path: string, render: () => string): void {
  const extension = extname(path).toLowerCase()
  if (extension === '.svg') writeFileWhole(path, render())
  else if (extension === '.png') writeFileWhole(path, toPng(render()))
  else throw rangeError(operation, 'path', 'a name that ends in .svg or .png', path)
}
