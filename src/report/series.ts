/** The contents of a chart: curves, and horizontal reference lines. */
import { checkNumber } from '../checks.ts'
import { rangeError, typeError } from '../errors.ts'

/** A sequence of points, connected in the given order. NaN and infinity leave a gap. */
export interface Curve {
  name: string
  x: readonly number[]
  y: readonly number[]
  /** Curves of one group share a colour; the first is solid, the others are dashed. Defaults to a group of its own. */
  group?: string
}

/** A horizontal line, such as the perplexity floor of a corpus. */
export interface ReferenceLine {
  name: string
  y: number
}

export type Series = Curve | ReferenceLine

interface Point {
  x: number
  y: number
}

export function isCurve(series: Series): series is Curve {
  return typeof series.y !== 'number'
}

/** The points of a curve in order; `undefined` for points that cannot be shown. */
export function pointsOf(curve: Curve, logY: boolean): (Point | undefined)[] {
  return curve.y.map((y, index) => {
    const x = curve.x[index]!
    return Number.isFinite(x) && Number.isFinite(y) && (!logY || y > 0) ? { x, y } : undefined
  })
}

/** The index of the group of each curve, and its index within the group. */
export function stylesOf(series: readonly Series[]): { color: number; place: number }[] {
  const groups = new Map<unknown, { color: number; size: number }>()
  return series.map((item) => {
    if (!isCurve(item)) return { color: 0, place: 0 }
    const key = item.group ?? item
    const group = groups.get(key) ?? { color: groups.size, size: 0 }
    groups.set(key, group)
    return { color: group.color, place: group.size++ }
  })
}

/** Throws unless there is at least one curve, each curve has a point to show and each line can be shown on the axis. */
export function checkSeries(
  operation: string,
  argument: string,
  series: readonly Series[],
  logY: boolean,
): void {
  if (!Array.isArray(series)) throw typeError(operation, argument, 'an array of curves', series)
  if (!series.some(isCurve)) throw rangeError(operation, argument, 'at least one curve', series)
  series.forEach((item, index) => {
    const place = `${argument}[${index}]`
    if (typeof item.name !== 'string') throw typeError(operation, `${place}.name`, 'a string', item.name)
    if (isCurve(item)) checkCurve(operation, place, item, logY)
    else checkNumber(operation, `${place}.y`, item.y, logY ? Number.MIN_VALUE : -Infinity)
  })
}

function checkCurve(operation: string, argument: string, curve: Curve, logY: boolean): void {
  for (const axis of ['x', 'y'] as const) {
    if (!Array.isArray(curve[axis])) {
      throw typeError(operation, `${argument}.${axis}`, 'an array of numbers', curve[axis])
    }
  }
  if (curve.x.length !== curve.y.length) {
    throw rangeError(
      operation,
      `${argument}.y`,
      `as many values as x has (${curve.x.length})`,
      curve.y.length,
    )
  }
  if (!pointsOf(curve, logY).some((point) => point !== undefined)) {
    const expected = logY ? 'at least one finite value above 0' : 'at least one finite value'
    throw rangeError(operation, `${argument}.y`, expected, curve.y)
  }
}
