/** What a scenario is made of, and what a run of it yields. */
import type { PlotOptions } from '../../src/report/layout.ts'
import type { Series } from '../../src/report/series.ts'
import type { Case } from './protocol.ts'
import type { RunRecord } from './run-record.ts'

/** The figure by which one sees that a contestant computes what it should. */
interface Check {
  name: string
  expected: string
  passes(value: number): boolean
}

interface Common {
  name: string
  /** One line that says what is measured. */
  title: string
  threads: number
  /** Settings and data that every contestant is given, as JSON. */
  task: object
  check: Check
  contestants: Contestant[]
  /** No more rounds than this, where one takes long. */
  maxRounds?: number
  /** A picture of the record, kept beside it. */
  plot?(record: RunRecord): { series: Series[]; options: PlotOptions }
}

/** How long an iteration takes, each case against the other contestants. */
interface Race extends Common {
  kind: 'race'
  cases: readonly (Case & { work: number })[]
  /** What the `work` of the cases amounts to in a second, such as `words/s`. */
  throughputUnit: string
}

/** Figures of other kinds. */
interface Survey extends Common {
  kind: 'survey'
  cases: readonly Case[]
  /** The figures of a round by name, and how the table calls them, with their unit. */
  figures: Record<string, string>
}

export type Scenario = Race | Survey

export interface Contestant {
  name: string
  /** Where they are not those of the scenario. */
  threads?: number
  /** Where they differ from those of the other contestants. */
  settings?: object
  /** Where more or less is expected of it than of the others. */
  check?: Check
  environment?: Record<string, string>
  /** How to start it on this machine, or why it cannot take part. */
  find(): Promise<{ command: string[] } | { missing: string }>
}
