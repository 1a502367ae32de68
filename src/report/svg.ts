/**
 * Renders a chart as SVG with the server-side renderer of ECharts; no browser is needed. The same input gives the same
 * text. ECharts is loaded (about 0.1 s) when the first chart is drawn.
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
 * @throws {TypeError | RangeError} if there is no curve, a curve has no point to show, or an option is invalid
 */
export function renderSvg(series: readonly Series[], options: PlotOptions = {}): string {
  const { logY = false, yLimits, width = 800, height = 480 } = options
  checkSeries('renderSvg', 'series', series, logY)
  checkLimits('renderSvg', 'yLimits', yLimits, logY)
  checkSize('renderSvg', width, height)
  return draw(width, height, (ruler) => layout(series, width, height, options, ruler))
}

/**
 * Stacked charts as the text of an SVG file.
 * @throws as `renderSvg`, and a RangeError if there is no panel
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
 * Removes the attributes that ECharts adds for mouse events, and its running numbers from the remaining names. Labels
 * are not affected, because their quotes and angle brackets are escaped.
 */
function withoutInteraction(svg: string): string {
  return svg
    .replace(/ (?:class|pointer-events|ecmeta_\w+)="[^"]*"/g, '')
    .replace(/<style >.*?<\/style>\s*/s, '')
    .replace(/(id="|="url\(#)zr\d+-/g, '$1')
}
