/** What the harness and a contestant tell each other, and what a run yields. */

/** What is measured in turn in every round. Contestants are given the cases whole, with whatever else they hold. */
export interface Case {
  name: string
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
