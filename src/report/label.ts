/** Legend labels of series. */
import { type Axis, isOn } from './axis.ts'
import { formatPerplexity } from './format.ts'
import { isCurve, type Series } from './series.ts'

/** The name of a series; for a line, also its height and whether it is outside the vertical axis. */
export function labelOf(series: Series, y: Axis): string {
  if (isCurve(series)) return series.name
  const note = isOn(y, series.y) ? '' : ', off the chart'
  return `${series.name} (${formatPerplexity(series.y)}${note})`
}
