/** Charts as files. */
import { extname } from 'node:path'
import { rangeError } from '../errors.ts'
import { writeFileWhole } from '../files/whole-file.ts'
import type { PlotOptions } from './layout.ts'
import { renderPng } from './png.ts'
import type { Series } from './series.ts'
import { renderSvg } from './svg.ts'

/**
 * Draws the series into `path`, whose extension decides: `.svg` or `.png`. The file is written whole or not at all.
 * @throws RangeError for another extension; TypeError | RangeError for series or options that do not fit; an error that
 *   names the path and the reason when it cannot be written.
 */
export function savePlot(path: string, series: readonly Series[], options: PlotOptions = {}): void {
  const extension = extname(path).toLowerCase()
  if (extension === '.svg') writeFileWhole(path, renderSvg(series, options))
  else if (extension === '.png') writeFileWhole(path, renderPng(series, options))
  else throw rangeError('savePlot', 'path', 'a name that ends in .svg or .png', path)
}
