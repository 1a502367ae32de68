/** The record of a run: what is printed by `--json` and kept in `bench/results/<kind of machine>/`. */
import type { Machine } from './machine.ts'
import type { Absence, Introduction, Pace } from './protocol.ts'
import type { Summary } from './statistics.ts'

export interface RecordedCase {
  name: string
  /** Each figure over the rounds; a race has one, `millisecondsPerIteration`. */
  figures: Record<string, Summary>
  /** In a race: in the unit of the record, from the median. */
  throughput?: number
  /** In a race: times as long as ours; null where ours did not take part. */
  ratioToOurs?: number | null
}

export interface RecordedContestant extends Introduction {
  name: string
  /** In the order of the scenario. */
  cases: RecordedCase[]
}

export interface RunRecord {
  scenario: string
  title: string
  date: string
  machine: Machine
  pace: Pace
  /** The figures by name, and what they are. */
  figures: Record<string, string>
  /** Of a race. */
  throughputUnit?: string
  checkName: string
  contestants: RecordedContestant[]
  skipped: Absence[]
  failed: Absence[]
}
