/** The record of a run: what is printed by `--json` and kept in `bench/results/`. */
import { type Machine, machine } from './machine.ts'
import { type Absence, type Details, OURS, type Outcome, type Pace, type Scenario } from './scenario.ts'
import { medianRatio, type Summary, summarise } from './statistics.ts'

export interface RecordedContestant {
  name: string
  millisecondsPerIteration: Summary
  /** In the unit of the record, from the median. */
  throughput: number
  /** Times as long as ours; null where ours did not take part. */
  ratioToOurs: number | null
  check: number
  details: Details
}

export interface RunRecord {
  scenario: string
  title: string
  date: string
  machine: Machine
  threads: number
  pace: Pace
  throughputUnit: string
  checkName: string
  contestants: RecordedContestant[]
  skipped: Absence[]
  failed: Absence[]
}

export function makeRecord(scenario: Scenario, pace: Pace, outcome: Outcome): RunRecord {
  const ours = outcome.standings.find((standing) => standing.name === OURS)
  return {
    scenario: scenario.name,
    title: scenario.title,
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    threads: scenario.threads,
    pace,
    throughputUnit: scenario.throughput.unit,
    checkName: scenario.check.name,
    contestants: outcome.standings.map(({ name, rounds, check, details }) => {
      const times = summarise(rounds)
      return {
        name,
        millisecondsPerIteration: times,
        throughput: (1000 * scenario.throughput.perIteration) / times.median,
        ratioToOurs: ours ? medianRatio(rounds, ours.rounds) : null,
        check,
        details,
      }
    }),
    skipped: outcome.skipped,
    failed: outcome.failed,
  }
}

/** The record as JSON, its fractions cut to four significant digits. */
export function recordAsJson(record: RunRecord | RunRecord[]): string {
  const rounded = (_: string, value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value
  return `${JSON.stringify(record, rounded, 2)}\n`
}
