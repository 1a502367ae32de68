/**
 * A chart of curves as SVG text, drawn by ECharts on the server side: no browser, no canvas. The same input gives the
 * same text. ECharts is loaded (some 0.1 s) when the first chart is drawn.
 */
import { createRequire } from 'node:module'
import { checkInteger } from '../checks.ts'
import { checkLimits } from './axis.ts'
import { FONT_FAMILY, FONT_SIZE, layout, type PlotOptions } from './layout.ts'
import { checkSeries, type Series } from './series.ts'

const require = createRequire(import.meta.url)

/**
 * The chart as the text of an SVG file.
 * @throws TypeError | RangeError when there is no curve, a curve has no point to show, or an option does not fit.
 */
export function renderSvg(series: readonly Series[], options: PlotOptions = {}): string {
  const { logY = false, yLimits, width = 800, height = 480 } = options
  checkSeries('renderSvg', series, logY)
  checkLimits('renderSvg', yLimits, logY)
  checkInteger('renderSvg', 'width', width, 200, 10_000)
  checkInteger('renderSvg', 'height', height, 200, 10_000)

  const { init, format } = require('echarts') as typeof import('echarts')
  const font = `${FONT_SIZE}px ${FONT_FAMILY}`
  const ruler = {
    width: (text: string) => format.getTextRect(text, font).width,
    truncate: (text: string, width: number) => format.truncateText(text, width, font, '…'),
  }
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height })
  try {
    chart.setOption(layout(series, width, height, options, ruler))
    return withoutInteraction(chart.renderToSVGString())
  } finally {
    chart.dispose()
  }
}

/**
 * Takes out what ECharts adds for the mouse, and its running number from the names that stay. Texts are not touched:
 * their quotes and angle brackets are escaped.
 */
function withoutInteraction(svg: string): string {
  return svg
    .replace(/ (?:class|pointer-events|ecmeta_\w+)="[^"]*"/g, '')
    .replace(/<style >.*?<\/style>\s*/s, '')
    .replace(/(id="|="url\(#)zr\d+-/g, '$1')
}
