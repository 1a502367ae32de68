/**
 * A chart of curves as SVG text, drawn by ECharts on the server side: no browser, no canvas. The same input gives the
 * same text. ECharts is loaded (some 0.1 s) when the first chart is drawn.
 */
import { createRequire } from 'node:module'
import type { EChartsOption } from 'echarts'
import { checkInteger } from '../checks.ts'
import { rangeError } from '../errors.ts'
import { checkLimits } from './axis.ts'
import { FONT_FAMILY, FONT_SIZE, layout, type PlotOptions, type TextRuler } from './layout.ts'
import { layoutPanels, type Panel, type PanelsOptions } from './panels.ts'
import { checkSeries, type Series } from './series.ts'

const require = createRequire(import.meta.url)

/**
 * The chart as the text of an SVG file.
 * @throws TypeError | RangeError when there is no curve, a curve has no point to show, or an option does not fit.
 */
export function renderSvg(series: readonly Series[], options: PlotOptions = {}): string {
  const { logY = false, yLimits, width = 800, height = 480 } = options
  checkSeries('renderSvg', 'series', series, logY)
  checkLimits('renderSvg', 'yLimits', yLimits, logY)
  checkSize('renderSvg', width, height)
  return draw(width, height, (ruler) => layout(series, width, height, options, ruler))
}

/**
 * Charts below one another as the text of an SVG file.
 * @throws the same, and RangeError when there is no panel
 */
export function renderPanels(panels: readonly Panel[], options: PanelsOptions = {}): string {
  const { logY = false, width = 800, height = 120 + 280 * panels.length } = options
  if (panels.length === 0) throw rangeError('renderPanels', 'panels', 'at least one panel', panels)
  panels.forEach(({ series, yLimits }, place) => {
    checkSeries('renderPanels', `panels[${place}].series`, series, logY)
    checkLimits('renderPanels', `panels[${place}].yLimits`, yLimits, logY)
  })
  checkSize('renderPanels', width, height)
  return draw(width, height, (ruler) => layoutPanels(panels, width, height, options, ruler))
}

function checkSize(operation: string, width: number, height: number): void {
  checkInteger(operation, 'width', width, 200, 10_000)
  checkInteger(operation, 'height', height, 200, 10_000)
}

function draw(width: number, height: number, optionOf: (ruler: TextRuler) => EChartsOption): string {
  const { init, format } = require('echarts') as typeof import('echarts')
  const font = `${FONT_SIZE}px ${FONT_FAMILY}`
  const ruler = {
    width: (text: string) => format.getTextRect(text, font).width,
    truncate: (text: string, width: number) => format.truncateText(text, width, font, '…'),
  }
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height })
  try {
    chart.setOption(optionOf(ruler))
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
