/**
 * The layout of stacked charts: the ECharts option for panels with a common horizontal axis. Each curve and line is
 * labelled at its right end with its last value.
 */
import type { EChartsOption } from 'echarts'
import { rangeError } from '../errors.ts'
import { type Axis, isOn, positionOn, xAxis, yAxis } from './axis.ts'
import { formatPerplexity, formatTick } from './format.ts'
import { labelOf } from './label.ts'
import {
  axisOption,
  colorsOf,
  FONT_FAMILY,
  FONT_SIZE,
  FOOT,
  LEAST_PLOT_HEIGHT,
  linesOf,
  MARGIN,
  MUTED_COLOR,
  type PlotOptions,
  printable,
  TEXT_COLOR,
  type TextRuler,
} from './layout.ts'
import { isCurve, type Series } from './series.ts'

export interface Panel {
  /** The title of the panel. */
  heading: string
  series: readonly Series[]
  /** The range of the vertical axis. Anything outside is clipped. */
  yLimits?: readonly [low: number, high: number]
}

export type PanelsOptions = Omit<PlotOptions, 'title' | 'yLimits'>

const HEADING_HEIGHT = 24
/** Space below all panels except the last, for the labels of the horizontal axis. */
const TICKS_HEIGHT = 40
const LABEL_HEIGHT = FONT_SIZE + 3
const LABEL_GAP = 6
/** The fraction of the width for labels at the right end. */
const WIDEST_LABEL = 0.3

/** The position of a panel in pixels. */
interface Frame {
  left: number
  top: number
  width: number
  height: number
}

export function layoutPanels(
  panels: readonly Panel[],
  width: number,
  height: number,
  options: PanelsOptions,
  ruler: TextRuler,
): EChartsOption {
  const { xLabel = 'epoch', yLabel = 'perplexity', logY = false } = options
  const plotHeight = heightOfEach(panels, height)
  const all = panels.flatMap(({ series }) => series)
  const x = xAxis(all, logY, Math.max(2, Math.round(width / 100)))
  const ys = panels.map(({ series, yLimits }) =>
    yAxis(series, logY, yLimits, Math.max(2, Math.round(plotHeight / 50))),
  )
  const widest = (texts: string[]) => Math.ceil(Math.max(0, ...texts.map(ruler.width)))
  const tickWidth = widest(ys.flatMap(({ ticks }) => ticks.map(formatTick)))
  const nameOf = (item: Series) => ruler.truncate(printable(endLabel(item)), WIDEST_LABEL * width)
  const left = MARGIN + FONT_SIZE + 14 + tickWidth
  const right = MARGIN + LABEL_GAP + widest(all.map(nameOf))
  const frames = panels.map((_, place): Frame => {
    const top = MARGIN + HEADING_HEIGHT + place * (plotHeight + TICKS_HEIGHT + HEADING_HEIGHT)
    return { left, top, width: width - left - right, height: plotHeight }
  })
  const xName = (place: number) => (place === panels.length - 1 ? xLabel : '')
  return {
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: FONT_FAMILY, fontSize: FONT_SIZE },
    grid: frames,
    xAxis: frames.map((_, place) => ({
      ...axisOption(x, xName(place)),
      gridIndex: place,
      nameGap: 32,
      splitLine: { show: false },
    })),
    yAxis: ys.map((y, place) => ({
      ...axisOption(y, yLabel),
      gridIndex: place,
      nameGap: tickWidth + 20,
      axisLine: { show: false },
    })),
    series: panels.flatMap(({ series }, place) =>
      linesOf(series, logY, x).map((line) => ({ ...line, xAxisIndex: place, yAxisIndex: place })),
    ),
    graphic: panels.flatMap((panel, place) => textsOf(panel, ys[place]!, frames[place]!, nameOf)),
  }
}

/** The height of each panel, which has room for all labels. */
function heightOfEach(panels: readonly Panel[], height: number): number {
  const others = MARGIN + panels.length * HEADING_HEIGHT + (panels.length - 1) * TICKS_HEIGHT + FOOT
  const most = Math.max(...panels.map(({ series }) => series.length))
  const least = others + panels.length * Math.max(LEAST_PLOT_HEIGHT, most * LABEL_HEIGHT)
  if (height < least) {
    const expected = `at least ${least} for ${panels.length} panels with ${most} series`
    throw rangeError('renderPanels', 'height', expected, height)
  }
  return (height - others) / panels.length
}

/** The title, the lines outside the range of the panel, and the labels at the right end. */
function textsOf({ heading, series }: Panel, y: Axis, frame: Frame, nameOf: (item: Series) => string) {
  const right = frame.left + frame.width
  const above = frame.top - HEADING_HEIGHT / 2
  const isShown = (item: Series) => isCurve(item) || isOn(y, item.y)
  const colors = colorsOf(series)
  const ends = series.flatMap((item, index) => (isShown(item) ? [{ item, fill: colors[index]! }] : []))
  const heights = ends.map(({ item }) => Math.min(1, Math.max(0, positionOn(y, lastOf(item)))) * frame.height)
  const places = spread(heights, frame.height, LABEL_HEIGHT)
  const hidden = series.filter((item) => !isShown(item)).map((item) => labelOf(item, y))
  return [
    textAt(frame.left, above, printable(heading), { fontWeight: 'bold' }),
    textAt(right, above, printable(hidden.join(', ')), { align: 'right', fill: MUTED_COLOR }),
    ...ends.map(({ item, fill }, index) =>
      textAt(right + LABEL_GAP, frame.top + frame.height - places[index]!, nameOf(item), { fill }),
    ),
  ]
}

/** The last value that is not missing. */
function lastOf(item: Series): number {
  return isCurve(item) ? item.y.findLast(Number.isFinite)! : item.y
}

function endLabel(item: Series): string {
  return `${item.name} ${formatPerplexity(lastOf(item))}`
}

function textAt(x: number, y: number, text: string, style: object) {
  const font = { fontFamily: FONT_FAMILY, fontSize: FONT_SIZE, fill: TEXT_COLOR }
  return {
    type: 'text' as const,
    silent: true,
    x,
    y,
    style: { text, verticalAlign: 'middle', ...font, ...style },
  }
}

/**
 * The positions of labels of this size along an axis from 0 to `room`, moved as little as possible so that they do not
 * overlap (least squares; touching labels move together).
 */
export function spread(places: readonly number[], room: number, size: number): number[] {
  const order = [...places.keys()].sort((a, b) => places[a]! - places[b]!)
  const groups: { sum: number; count: number }[] = []
  const meanOf = ({ sum, count }: { sum: number; count: number }) => sum / count
  for (const [rank, index] of order.entries()) {
    let group = { sum: places[index]! - rank * size, count: 1 }
    while (groups.length > 0 && meanOf(groups.at(-1)!) > meanOf(group)) {
      const { sum, count } = groups.pop()!
      group = { sum: group.sum + sum, count: group.count + count }
    }
    groups.push(group)
  }
  const most = room - (places.length - 1) * size
  const starts = groups.flatMap((group) =>
    new Array<number>(group.count).fill(Math.max(0, Math.min(most, meanOf(group)))),
  )
  const moved = [...places]
  for (const [rank, index] of order.entries()) moved[index] = starts[rank]! + rank * size
  return moved
}
