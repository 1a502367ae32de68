/** Converts training logs to curves. */
import { rangeError } from '../errors.ts'
import { type Curve, isCurve, type ReferenceLine, type Series } from '../report/series.ts'
import type { LogRecord, TrainRecord, ValidRecord } from './log-records.ts'

interface Run {
  name: string
  records: readonly LogRecord[]
}

/** The curves of several runs, each run in one colour, and their common floor. */
export function seriesFromRuns(runs: readonly Run[], by?: 'epoch' | 'iteration'): Series[] {
  const curves: Curve[] = []
  const floors = new Map<number, ReferenceLine>()
  runs.forEach(({ name, records }, place) => {
    for (const item of seriesFromLog(records, name, by)) {
      if (isCurve(item)) curves.push({ ...item, group: String(place) })
      else if (!floors.has(item.y)) floors.set(item.y, item)
    }
  })
  const lines = [...floors.values()]
  return [...curves, ...(lines.length === 1 ? [{ ...lines[0]!, name: 'floor' }] : lines)]
}

/**
 * The curves of a run: `training`, `held-out` and the reference line `floor`, as far as the log contains them. Each is
 * prefixed with `name` unless that is empty.
 *
 * By epoch, x is the number of epochs done, with fractions if several perplexities were recorded per epoch. The number
 * of iterations per epoch is the largest quotient of iteration and epoch of any record.
 * @throws {RangeError} if the log contains no perplexity
 */
export function seriesFromLog(
  records: readonly LogRecord[],
  name: string,
  by: 'epoch' | 'iteration' = 'epoch',
): Series[] {
  const train = records.filter((record) => record.type === 'train')
  const valid = records.filter((record) => record.type === 'valid')
  const measured = [...train, ...valid]
  if (measured.length === 0) {
    throw rangeError('seriesFromLog', 'records', 'at least one "train" or "valid" record', records)
  }
  const perEpoch = measured.reduce((most, { iteration, epoch }) => Math.max(most, iteration / epoch), 0)
  const unit = by === 'epoch' ? perEpoch : 1
  const prefix = name === '' ? '' : `${name} `
  const series: Series[] = []
  if (train.length > 0) series.push(curve(`${prefix}training`, train, unit))
  if (valid.length > 0) series.push(curve(`${prefix}held-out`, valid, unit))
  const floor = floorOf(records)
  if (floor !== undefined) series.push({ name: `${prefix}floor`, y: floor })
  return series
}

function curve(name: string, records: readonly (TrainRecord | ValidRecord)[], unit: number): Curve {
  return {
    name,
    x: records.map((record) => record.iteration / unit),
    y: records.map((record) => record.perplexity),
  }
}

function floorOf(records: readonly LogRecord[]): number | undefined {
  const floors = records.map((record) => ('floor' in record ? record.floor : undefined))
  return floors.findLast((floor) => typeof floor === 'number')
}
