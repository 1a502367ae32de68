/** The axes of a chart: a range that contains all series, and round tick values. */
import { checkNumber } from '../checks.ts'
import { rangeError, typeError } from '../errors.ts'
import { isCurve, pointsOf, type Series } from './series.ts'

export interface Axis {
  low: number
  high: number
  log: boolean
  ticks: number[]
}

/** A reference line is omitted if it is this many times as high as the highest point of the curves. */
const FAR_ABOVE = 2

type Range = readonly [low: number, high: number]

/** The position of `value` between the low end (0) and the high end (1) of the axis. */
export function positionOn(axis: Axis, value: number): number {
  const scale = axis.log ? Math.log : (number: number) => number
  return (scale(value) - scale(axis.low)) / (scale(axis.high) - scale(axis.low))
}

/** Whether the value lies on the axis. */
export function isOn(axis: Axis, value: number): boolean {
  return value >= axis.low && value <= axis.high
}

/**
 * The horizontal axis: the range of the curves (from 0 if they start close to it), with about `tickCount` ticks. Ticks
 * are whole numbers, since they count epochs or iterations.
 */
export function xAxis(series: readonly Series[], logY: boolean, tickCount: number): Axis {
  const curves = series.filter(isCurve)
  const [first, last] = extent(curves.flatMap((curve) => pointsOf(curve, logY).map((point) => point?.x)))
  if (first === last) return { low: first - 1, high: last + 1, log: false, ticks: [first] }
  const step = Math.max(1, roundStep((last - first) / tickCount))
  const low = first > 0 && first <= step ? 0 : first
  return { low, high: last, log: false, ticks: linearTicks([low, last], step) }
}

/**
 * The vertical axis. Without `limits`, a linear axis starts at 0, unless all values are in the upper half of the range,
 * and ends on ticks; a logarithmic axis has a small margin. A reference line far above the curves is left out, because
 * it would compress them.
 */
export function yAxis(
  series: readonly Series[],
  logY: boolean,
  limits: Range | undefined,
  tickCount: number,
): Axis {
  const curves = series.filter(isCurve).flatMap((curve) => pointsOf(curve, logY).map((point) => point?.y))
  const highest = FAR_ABOVE * extent(curves)[1]
  const lines = series.flatMap((item) => (isCurve(item) || item.y > Math.max(0, highest) ? [] : [item.y]))
  const values = [...curves, ...lines]
  const wanted = limits ?? (logY ? withMargin(extent(values)) : withZero(extent(values)))
  const step = roundStep((wanted[1] - wanted[0]) / tickCount)
  const range = limits || logY ? wanted : widen(wanted, step)
  const ticks = logY && range[1] / range[0] >= 10 ? logTicks(range) : linearTicks(range, step)
  return { low: range[0], high: range[1], log: logY, ticks }
}

/** Throws unless `limits` is undefined or `[low, high]` in ascending order, above 0 on a logarithmic axis. */
export function checkLimits(
  operation: string,
  argument: string,
  limits: Range | undefined,
  logY: boolean,
): void {
  if (limits === undefined) return
  if (!Array.isArray(limits)) throw typeError(operation, argument, '[low, high]', limits)
  const low = checkNumber(operation, `${argument}[0]`, limits[0], logY ? Number.MIN_VALUE : -Infinity)
  const high = checkNumber(operation, `${argument}[1]`, limits[1])
  if (low >= high) throw rangeError(operation, argument, '[low, high] with low below high', limits)
}

function extent(values: readonly (number | undefined)[]): Range {
  let low = Infinity
  let high = -Infinity
  for (const value of values) {
    if (value === undefined) continue
    if (value < low) low = value
    if (value > high) high = value
  }
  return [low, high]
}

function withZero([low, high]: Range): Range {
  if (low === 0 && high === 0) return [0, 1]
  if (low === high) return [Math.min(0, low), Math.max(0, high)]
  return low > 0 && low <= high / 2 ? [0, high] : [low, high]
}

function withMargin([low, high]: Range): Range {
  const margin = low === high ? 2 : (high / low) ** 0.05
  return [low / margin, high * margin]
}

function widen([low, high]: Range, step: number): Range {
  return [multiple(Math.floor(low / step), step), multiple(Math.ceil(high / step), step)]
}

function linearTicks([low, high]: Range, step: number): number[] {
  const slack = 1e-9
  const first = Math.ceil(low / step - slack)
  const last = Math.floor(high / step + slack)
  return Array.from({ length: last - first + 1 }, (_, index) => multiple(first + index, step))
}

/** Removes the rounding error of the product (689 · 0.01 is 6.890000000000001), on which ECharts may hang. */
function multiple(count: number, step: number): number {
  return Number((count * step).toPrecision(12))
}

/** Powers of ten; for a range of a few decades, also 2 and 5 times each. */
function logTicks([low, high]: Range): number[] {
  const decades = Math.log10(high / low)
  const factors = decades <= 3 ? [1, 2, 5] : [1]
  const stride = Math.ceil(decades / 8)
  const ticks: number[] = []
  for (let exponent = Math.floor(Math.log10(low)); 10 ** exponent <= high; exponent += stride) {
    for (const factor of factors) ticks.push(Number(`${factor}e${exponent}`))
  }
  return ticks.filter((tick) => tick >= low && tick <= high)
}

/** The smallest of 1, 2, 5 × 10ⁿ that is at least `step`. */
function roundStep(step: number): number {
  const exponent = Math.floor(Math.log10(step))
  const factor = [1, 2, 5].find((candidate) => candidate * 10 ** exponent >= step * (1 - 1e-9)) ?? 10
  return Number(`${factor}e${exponent}`)
}
