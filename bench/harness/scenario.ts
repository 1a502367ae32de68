/** What a scenario is made of, and what a run of it yields. */

export interface Scenario {
  name: string
  /** One line that says what an iteration is. */
  title: string
  threads: number
  /** Settings and data that every contestant is given, as JSON. */
  task: object
  throughput: { unit: string; perIteration: number }
  /** The figure by which one sees that a contestant computes what it should. */
  check: { name: string; expected: string; passes(value: number): boolean }
  contestants: Contestant[]
}

export interface Contestant {
  name: string
  /** How to start it on this machine, or why it cannot take part. */
  find(): Promise<{ command: string[] } | { missing: string }>
}

/** How long to measure. */
export interface Pace {
  rounds: number
  roundMilliseconds: number
}

/** What a contestant is told on its first line. */
export type Task<Settings extends object = object> = Settings & { threads: number; roundMilliseconds: number }

/** Versions and choices that a contestant tells of itself. */
export type Details = Record<string, string | number>

export interface Standing {
  name: string
  details: Details
  check: number
  /** Milliseconds per iteration, one figure a round. */
  rounds: number[]
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
