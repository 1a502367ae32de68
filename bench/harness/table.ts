/** A record as text. */
import { alignedColumns } from '../../src/report/table.ts'
import { OURS, TIME } from './protocol.ts'
import type { RecordedCase, RunRecord } from './run-record.ts'

/** The heading, a table, one line per contestant, and the contestants that are missing, with the reason. */
export function formatRecord(record: RunRecord): string {
  const { machine, contestants } = record
  const details = contestants.map(
    ({ name, threads, details }) =>
      `${name}: ${Object.entries({ threads, ...details })
        .map(([key, value]) => `${key} ${value}`)
        .join(', ')}`,
  )
  return [
    `${record.scenario}: ${record.title}`,
    `${machine.cpu} (${machine.kind}), ${machine.architecture}, ${plural(machine.cores, 'core')}; ${plural(record.pace.rounds, 'round')}`,
    '',
    ...(contestants.length > 0 ? [alignedColumns(tableOf(record)), '', ...details] : []),
    ...record.skipped.map(({ name, reason }) => `${name} skipped: ${reason}`),
    ...record.failed.map(({ name, reason }) => `${name} failed: ${reason}`),
    '',
  ].join('\n')
}

function tableOf(record: RunRecord): string[][] {
  const { throughputUnit, contestants } = record
  if (throughputUnit === undefined) return surveyTable(record)
  return contestants[0]!.cases.length === 1
    ? raceTable(record, throughputUnit)
    : racesTable(record, throughputUnit)
}

/** A race of one case: a row for each contestant. */
function raceTable({ contestants, checkName }: RunRecord, unit: string): string[][] {
  const header = ['', 'ms/iteration', 'min–max', unit, `× ${OURS}`, checkName]
  const rows = contestants.map(({ name, check, cases: [only] }) => {
    const { median, min, max } = only!.figures[TIME]!
    return [
      name,
      significant(median),
      `${significant(min)}–${significant(max)}`,
      Math.round(only!.throughput!).toLocaleString('en'),
      ratio(only!),
      significant(check),
    ]
  })
  return [header, ...rows]
}

/** A race of many cases: a row for each case, two columns for each contestant. */
function racesTable({ contestants, checkName }: RunRecord, unit: string): string[][] {
  const header = ['', ...contestants.flatMap(({ name }) => [name, name === OURS ? '' : `× ${OURS}`])]
  const units = [unit, ...contestants.flatMap(() => ['', ''])]
  const rows = contestants[0]!.cases.map(({ name }, index) => [
    name,
    ...contestants.flatMap((contestant) => {
      const recorded = contestant.cases[index]!
      return [significant(recorded.throughput!), contestant.name === OURS ? '' : ratio(recorded)]
    }),
  ])
  const checks = [checkName, ...contestants.flatMap(({ check }) => [significant(check), ''])]
  return [header, units, ...rows, checks]
}

/** Medians: a row for each contestant and case. */
function surveyTable({ contestants, figures, checkName }: RunRecord): string[][] {
  const header = ['', ...Object.values(figures), checkName]
  const rows = contestants.flatMap(({ name, check, cases }) =>
    cases.map((recorded) => [
      cases.length === 1 ? name : `${name}, ${recorded.name}`,
      ...Object.keys(figures).map((figure) => significant(recorded.figures[figure]!.median)),
      significant(check),
    ]),
  )
  return [header, ...rows]
}

function ratio({ ratioToOurs }: RecordedCase): string {
  return typeof ratioToOurs === 'number' ? ratioToOurs.toFixed(2) : '-'
}

/** Three digits that count, of small and large figures alike. */
function significant(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
