/** What a scenario is made of, and what a run of it yields. */
import type { PlotOptions } from '../../src/report/layout.ts'
import type { Series } from '../../src/report/series.ts'
import type { RunRecord } from './record.ts'

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
export interface Race extends Common {
  kind: 'race'
  cases: readonly (Case & { work: number })[]
  /** What the `work` of the cases amounts to in a second, such as `words/s`. */
  throughputUnit: string
}

/** Figures of other kinds. */
export interface Survey extends Common {
  kind: 'survey'
  cases: readonly Case[]
  /** The figures of a round by name, and how the table calls them, with their unit. */
  figures: Record<string, string>
}

export type Scenario = Race | Survey

/** What is measured in turn in every round. Contestants are given the cases whole, with whatever else they hold. */
export interface Case {
  name: string
}

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

/** How long to measure. */
export interface Pace {
  rounds: number
  /** A round of one contestant, all cases together. */
  roundMilliseconds: number
}

/** What a contestant is told on its first line. */
export type Task<Settings extends object = object, TaskCase extends Case = Case> = Settings & {
  threads: number
  /** A round of one case. */
  caseMilliseconds: number
  cases: TaskCase[]
}

/** Versions and choices that a contestant tells of itself. */
export type Details = Record<string, string | number>

/** What a contestant tells when it is ready. */
export interface Introduction {
  /** Those that it really uses. */
  threads: number
  check: number
  details: Details
}

/** What a contestant tells after a round of a case. */
export type Figures = Record<string, number>

/** The one figure of a race. */
export const TIME = 'millisecondsPerIteration'

export interface Standing extends Introduction {
  name: string
  /** For each case, its figures round by round. */
  rounds: Figures[][]
}

export interface Absence {
  name: string
  reason: string
}

export interface Outcome {
  standings: Standing[]
  skipped: Absence[]
  failed: Absence[]
}

/** The contestant that the others are compared with. */
export const OURS = 'rnnlm'
