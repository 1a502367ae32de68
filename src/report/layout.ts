/** The layout of a chart: the ECharts option for curves on two axes, with title and legend above. */
import type { EChartsOption, LineSeriesOption } from 'echarts'
import { rangeError } from '../errors.ts'
import { type Axis, xAxis, yAxis } from './axis.ts'
import { formatTick } from './format.ts'
import { labelOf } from './label.ts'
import { type Curve, isCurve, pointsOf, type ReferenceLine, type Series, stylesOf } from './series.ts'

export interface PlotOptions {
  title?: string
  /** Default `'epoch'`. */
  xLabel?: string
  /** Default `'perplexity'`. */
  yLabel?: string
  /** Use a logarithmic vertical axis; values that are not above 0 leave a gap. */
  logY?: boolean
  /** The range of the vertical axis. Anything outside is clipped. */
  yLimits?: readonly [low: number, high: number]
  /** In pixels, 200 … 10,000, default 800. */
  width?: number
  /** In pixels, 200 … 10,000, default 480. */
  height?: number
}

/** The measurements of text in the font of the chart, in pixels. */
export interface TextRuler {
  width(text: string): number
  truncate(text: string, width: number): string
}

/** Arimo has the same widths as Helvetica and Arial, so one layout fits all three. */
export const FONT_FAMILY = 'Arimo, Helvetica, Arial, sans-serif'
export const FONT_SIZE = 13

/**
 * The palette of Okabe and Ito (2008) without yellow and with pale colours darkened: distinguishable for colour-blind
 * people, with a contrast of at least 3 on white.
 */
export const COLORS = ['#0072b2', '#d55e00', '#079f53', '#bd568a', '#684a14', '#0097ff', '#000000']
/** Strokes of the curves of one group, and of further groups when the colours are used up. */
const CURVE_DASHES: ('solid' | number[])[] = ['solid', [7, 4], [10, 3, 2, 3], [4, 2]]
const REFERENCE_DASHES = [
  [2, 3],
  [8, 3, 2, 3],
  [6, 4],
]
export const TEXT_COLOR = '#333333'
export const MUTED_COLOR = '#666666'
const LINE_COLOR = '#808080'
const GRID_COLOR = '#e6e6e6'

export const MARGIN = 24
export const FOOT = 62
export const LEAST_PLOT_HEIGHT = 50
const TITLE_HEIGHT = 30
const LEGEND_ROW = 22
const LEGEND_ICON = 26
const LEGEND_GAP = 8
const LEGEND_SPACE = 16

export function layout(
  series: readonly Series[],
  width: number,
  height: number,
  options: PlotOptions,
  ruler: TextRuler,
): EChartsOption {
  const { title = '', xLabel = 'epoch', yLabel = 'perplexity', logY = false, yLimits } = options
  const x = xAxis(series, logY, Math.max(2, Math.round(width / 100)))
  const y = yAxis(series, logY, yLimits, Math.max(2, Math.round(height / 70)))
  const yTickWidth = Math.max(0, ...y.ticks.map((tick) => ruler.width(formatTick(tick))))
  const left = MARGIN + FONT_SIZE + 14 + Math.ceil(yTickWidth)
  const inner = width - left - MARGIN
  const titleHeight = title === '' ? 0 : TITLE_HEIGHT
  const labels = series.map((item) =>
    ruler.truncate(printable(labelOf(item, y)), inner - LEGEND_ICON - LEGEND_SPACE),
  )
  const legendRows = series.length > 1 ? countRows(labels.map(ruler.width), inner) : 0
  const top = MARGIN + titleHeight + legendRows * LEGEND_ROW
  const leastHeight = top + LEAST_PLOT_HEIGHT + FOOT
  if (height < leastHeight) {
    throw rangeError('renderSvg', 'height', `at least ${leastHeight} for ${series.length} series`, height)
  }
  return {
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: FONT_FAMILY, fontSize: FONT_SIZE },
    title: {
      text: printable(title),
      left,
      top: MARGIN - 6,
      padding: 0,
      textStyle: {
        color: TEXT_COLOR,
        fontFamily: FONT_FAMILY,
        fontSize: 16,
        fontWeight: 'bold',
        width: inner,
        overflow: 'truncate',
      },
    },
    legend: {
      show: legendRows > 0,
      left,
      right: MARGIN,
      top: MARGIN - 8 + titleHeight,
      padding: 0,
      itemGap: LEGEND_GAP,
      itemWidth: LEGEND_ICON,
      itemHeight: LEGEND_ROW - LEGEND_GAP,
      itemStyle: { opacity: 0 },
      formatter: (index: string) => labels[Number(index)]!,
      textStyle: {
        color: TEXT_COLOR,
        fontFamily: FONT_FAMILY,
        fontSize: FONT_SIZE,
        padding: [0, LEGEND_SPACE, 0, 0],
      },
    },
    grid: {
      left,
      right: MARGIN + 8,
      top,
      bottom: FOOT,
    },
    xAxis: { ...axisOption(x, xLabel), nameGap: 32, splitLine: { show: false } },
    yAxis: { ...axisOption(y, yLabel), nameGap: yTickWidth + 20, axisLine: { show: false } },
    series: linesOf(series, logY, x),
  }
}

export function axisOption(axis: Axis, name: string) {
  return {
    type: axis.log ? ('log' as const) : ('value' as const),
    min: axis.low,
    max: axis.high,
    name: printable(name),
    nameLocation: 'middle' as const,
    nameTextStyle: { color: TEXT_COLOR, fontSize: FONT_SIZE + 1 },
    axisLine: { lineStyle: { color: LINE_COLOR }, onZero: false },
    axisTick: { customValues: axis.ticks, lineStyle: { color: LINE_COLOR } },
    axisLabel: {
      customValues: axis.ticks,
      formatter: formatTick,
      color: MUTED_COLOR,
      fontSize: FONT_SIZE,
      hideOverlap: true,
    },
    splitLine: { lineStyle: { color: GRID_COLOR } },
  }
}

/** Series are named by index, because ECharts merges equal names. The legend shows the labels. */
export function linesOf(series: readonly Series[], logY: boolean, x: Axis): LineSeriesOption[] {
  const styles = stylesOf(series)
  let references = 0
  return series.map((item, index) => ({
    type: 'line',
    name: String(index),
    symbol: 'none',
    silent: true,
    ...(isCurve(item) ? curveOption(item, logY, styles[index]!) : referenceOption(item, x, references++)),
  }))
}

/** The colours of the series. */
export function colorsOf(series: readonly Series[]): string[] {
  const styles = stylesOf(series)
  return series.map((item, index) => (isCurve(item) ? colorOf(styles[index]!) : MUTED_COLOR))
}

function colorOf({ color }: { color: number }): string {
  return COLORS[color % COLORS.length]!
}

/** Isolated points are drawn as dots. Long curves are thinned out to the resolution of the chart. */
function curveOption(curve: Curve, logY: boolean, style: { color: number; place: number }): LineSeriesOption {
  const color = colorOf(style)
  const dash = style.place + 2 * Math.floor(style.color / COLORS.length)
  const points = pointsOf(curve, logY)
  const data = points.map((point, index) => {
    if (!point) return [curve.x[index]!, Number.NaN]
    const value = [point.x, point.y]
    const alone = points[index - 1] === undefined && points[index + 1] === undefined
    return alone ? { value, symbol: 'circle', symbolSize: 7 } : value
  })
  const type = CURVE_DASHES[dash % CURVE_DASHES.length]!
  return { data, sampling: 'lttb', color, lineStyle: { color, width: 2, type } }
}

function referenceOption(line: ReferenceLine, x: Axis, place: number): LineSeriesOption {
  const data = [x.low, x.high].map((end) => [end, line.y])
  const type = REFERENCE_DASHES[place % REFERENCE_DASHES.length]!
  return { data, color: MUTED_COLOR, lineStyle: { color: MUTED_COLOR, width: 1.5, type } }
}

/** The number of rows of a legend whose labels have these widths. */
function countRows(widths: readonly number[], available: number): number {
  let rows = 1
  let used = 0
  for (const width of widths) {
    const item = LEGEND_ICON + 5 + width + LEGEND_SPACE
    if (used > 0 && used + item > available) {
      rows += 1
      used = 0
    }
    used += item + LEGEND_GAP
  }
  return rows
}

/** Replaces control characters and lone surrogates, which XML cannot contain, with the replacement character. */
export function printable(text: string): string {
  return text.replace(/[^\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\u{fffd}')
}
