/**
 * Draws curves as text in a terminal. Each column shows the mean of its points, so a long run fits any width; gaps
 * between two points are interpolated linearly.
 */
import { checkInteger } from '../checks.ts'
import { type Axis, isOn, positionOn, xAxis, yAxis } from './axis.ts'
import { escapeControlsAndLines } from './control-characters.ts'
import { formatTick } from './format.ts'
import { labelOf } from './label.ts'
import { type Curve, checkSeries, isCurve, pointsOf, type Series, stylesOf } from './series.ts'
import { type Pen, paint, TerminalCanvas } from './terminal-canvas.ts'

/** The minimum width of a useful chart. */
export const LEAST_CHART_COLUMNS = 30

interface TerminalChartOptions {
  /** Width of the whole chart in columns, at least 30, default 80. */
  width?: number
  /** Height of the plot in rows, at least 4, default 16, without legend and horizontal axis. */
  height?: number
  /** Use a logarithmic vertical axis; values that are not above 0 leave a gap. */
  logY?: boolean
  /** Default `'epoch'`. */
  xLabel?: string
  /** Use ANSI colours; default false. */
  color?: boolean
}

/** Curves have different strokes, so that they can be distinguished without colours. */
const CURVE_PENS: readonly Pen[] = [
  { stroke: '─│╭╮╰╯', color: 34 },
  { stroke: '━┃┏┓┗┛', color: 33 },
  { stroke: '═║╔╗╚╝', color: 32 },
  { stroke: '••••••', color: 35 },
  { stroke: '++++++', color: 36 },
  { stroke: 'xxxxxx', color: 31 },
]
const REFERENCE_PEN: Pen = { stroke: '┄┄┄┄┄┄', color: 90 }

/**
 * The chart as lines separated by newlines, none wider than `width`: legend, plot, horizontal axis.
 * @throws {TypeError | RangeError} if there is no curve, a curve has no point to show, or an option is invalid
 */
export function terminalChart(series: readonly Series[], options: TerminalChartOptions = {}): string {
  const { width = 80, height = 16, logY = false, xLabel = 'epoch', color = false } = options
  checkSeries('terminalChart', 'series', series, logY)
  checkInteger('terminalChart', 'width', width, LEAST_CHART_COLUMNS)
  checkInteger('terminalChart', 'height', height, 4)

  const y = yAxis(series, logY, undefined, Math.ceil(height / 4))
  const margin = Math.max(1, ...y.ticks.map((tick) => formatTick(tick).length))
  const columns = width - margin - 1
  const x = xAxis(series, logY, Math.ceil(columns / 12))
  const rowOf = (position: number) => Math.round((1 - position) * (height - 1))

  const canvas = new TerminalCanvas(columns, height)
  for (const item of series) {
    if (!isCurve(item) && isOn(y, item.y)) canvas.drawLevel(rowOf(positionOn(y, item.y)), REFERENCE_PEN)
  }
  const pens = pensOf(series)
  series.forEach((curve, index) => {
    if (!isCurve(curve)) return
    const rows = heightsOf(curve, x, y, columns).map((at) => (at === undefined ? at : rowOf(at)))
    canvas.drawCurve(rows, pens[index]!)
  })

  const labels = new Map(y.ticks.map((tick) => [rowOf(positionOn(y, tick)), formatTick(tick)]))
  const plot = canvas.toLines(color).map((line, row) => {
    const label = labels.get(row)
    return `${(label ?? '').padStart(margin)}${label === undefined ? '│' : '┤'}${line}`
  })
  return [
    ...legend(
      series.map((item) => labelOf(item, y)),
      pens,
      width,
      color,
    ),
    ...plot,
    ...horizontalAxis(x, xLabel, margin, columns),
  ].join('\n')
}

/** A different stroke for each curve, in the colour of its group. */
function pensOf(series: readonly Series[]): Pen[] {
  const styles = stylesOf(series)
  let curves = 0
  return series.map((item, index) => {
    if (!isCurve(item)) return REFERENCE_PEN
    const { stroke } = CURVE_PENS[curves++ % CURVE_PENS.length]!
    const { color } = CURVE_PENS[styles[index]!.color % CURVE_PENS.length]!
    return { stroke, color }
  })
}

/** The height of a curve, 0 … 1, in each column. */
function heightsOf(curve: Curve, x: Axis, y: Axis, columns: number): (number | undefined)[] {
  const points = pointsOf(curve, y.log)
  const places = points.map((point) => point && Math.round(positionOn(x, point.x) * (columns - 1)))
  const sums = new Float64Array(columns)
  const counts = new Uint32Array(columns)
  points.forEach((point, index) => {
    if (!point) return
    sums[places[index]!]! += positionOn(y, point.y)
    counts[places[index]!]! += 1
  })
  const heights = Array.from(sums, (sum, column) =>
    counts[column] === 0 ? undefined : sum / counts[column]!,
  )
  places.forEach((end, index) => {
    const start = places[index - 1]
    if (start === undefined || end === undefined) return
    const [from, to] = [heights[start]!, heights[end]!]
    for (let column = start + 1; column < end; column += 1) {
      heights[column] ??= from + ((to - from) * (column - start)) / (end - start)
    }
  })
  return heights
}

/** The legend: names with samples of their strokes, on as many lines as necessary. */
function legend(labels: readonly string[], pens: readonly Pen[], width: number, color: boolean): string[] {
  const lines: string[] = []
  let used = width
  for (const [index, label] of labels.entries()) {
    const pen = pens[index]!
    const name = escapeControlsAndLines(label)
    const text = name.length > width - 3 ? `${name.slice(0, width - 4)}…` : name
    const entry = `${paint(pen.stroke[0]!.repeat(2), pen, color)} ${text}`
    const size = text.length + 3
    if (used + 3 + size > width) {
      lines.push(entry)
      used = size
    } else {
      lines[lines.length - 1] += `   ${entry}`
      used += 3 + size
    }
  }
  return lines
}

/** The horizontal axis: ticks, labels that do not overlap, and the name of the axis. */
function horizontalAxis(x: Axis, name: string, margin: number, columns: number): string[] {
  const line = new Array<string>(columns).fill('─')
  let labels = ''
  for (const tick of x.ticks) {
    const column = Math.round(positionOn(x, tick) * (columns - 1))
    line[column] = '┬'
    const label = formatTick(tick)
    const start = Math.min(column - Math.floor((label.length - 1) / 2), columns - label.length)
    if (start > labels.length || labels === '') labels = labels.padEnd(Math.max(0, start)) + label
  }
  const indent = ' '.repeat(margin + 1)
  const centred = name.slice(0, columns).padStart(Math.floor((columns + Math.min(name.length, columns)) / 2))
  return [`${' '.repeat(margin)}└${line.join('')}`, `${indent}${labels}`, `${indent}${centred}`]
}
