/** A record as text. */

import type { RunRecord } from './record.ts'
import { OURS } from './scenario.ts'

/** The heading, a table with one line per contestant, then who is missing and why. */
export function formatRecord(record: RunRecord): string {
  const { machine, contestants } = record
  const header = ['', 'ms/iteration', 'min–max', record.throughputUnit, `× ${OURS}`, record.checkName]
  const rows = contestants.map(
    ({ name, millisecondsPerIteration: times, throughput, ratioToOurs, check }) => [
      name,
      significant(times.median),
      `${significant(times.min)}–${significant(times.max)}`,
      Math.round(throughput).toLocaleString('en'),
      ratioToOurs === null ? '-' : ratioToOurs.toFixed(2),
      significant(check),
    ],
  )
  const details = contestants.map(
    ({ name, details }) =>
      `${name}: ${Object.entries(details)
        .map(([key, value]) => `${key} ${value}`)
        .join(', ')}`,
  )
  return [
    `${record.scenario}: ${record.title}`,
    `${machine.cpu}, ${machine.architecture}, ${plural(machine.cores, 'core')}; ` +
      `${plural(record.threads, 'thread')}, ${plural(record.pace.rounds, 'round')}`,
    '',
    ...(rows.length > 0 ? [...alignedColumns([header, ...rows]), '', ...details] : []),
    ...record.skipped.map(({ name, reason }) => `${name} skipped: ${reason}`),
    ...record.failed.map(({ name, reason }) => `${name} failed: ${reason}`),
    '',
  ].join('\n')
}

/** Three digits that count, without an exponent. */
export function significant(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** The first column to the left, the others to the right. */
function alignedColumns(rows: string[][]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  '),
  )
}
