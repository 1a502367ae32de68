/** The record of a run: what is printed by `--json` and kept in `bench/results/`. */
import { type Machine, machine } from './machine.ts'
import { roundsOf } from './run.ts'
import {
  type Absence,
  type Case,
  type Introduction,
  OURS,
  type Outcome,
  type Pace,
  type Scenario,
  type Standing,
  TIME,
} from './scenario.ts'
import { medianRatio, type Summary, summarise } from './statistics.ts'

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

export function makeRecord(
  scenario: Scenario,
  pace: Pace,
  { standings, skipped, failed }: Outcome,
): RunRecord {
  const ours = standings.find(({ name }) => name === OURS)
  return {
    scenario: scenario.name,
    title: scenario.title,
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    pace: { ...pace, rounds: roundsOf(scenario, pace) },
    ...(scenario.kind === 'race'
      ? { figures: { [TIME]: 'ms/iteration' }, throughputUnit: scenario.throughputUnit }
      : { figures: scenario.figures }),
    checkName: scenario.check.name,
    contestants: standings.map(({ name, threads, check, details, rounds }) => ({
      name,
      threads,
      check,
      details,
      cases:
        scenario.kind === 'race'
          ? scenario.cases.map((raced, index) => recordRaced(raced, index, rounds, ours))
          : scenario.cases.map((surveyed, index) =>
              recordSurveyed(surveyed, index, rounds, scenario.figures),
            ),
    })),
    skipped,
    failed,
  }
}

function recordRaced(
  { name, work }: Case & { work: number },
  index: number,
  rounds: Standing['rounds'],
  ours: Standing | undefined,
): RecordedCase {
  const times = figuresOf(rounds, index, TIME)
  const summary = summarise(times)
  return {
    name,
    figures: { [TIME]: summary },
    throughput: (1000 * work) / summary.median,
    ratioToOurs: ours ? medianRatio(times, figuresOf(ours.rounds, index, TIME)) : null,
  }
}

function recordSurveyed(
  { name }: Case,
  index: number,
  rounds: Standing['rounds'],
  figures: Record<string, string>,
): RecordedCase {
  const summaries = Object.keys(figures).map((figure) => [
    figure,
    summarise(figuresOf(rounds, index, figure)),
  ])
  return { name, figures: Object.fromEntries(summaries) }
}

/** One figure of one case, round by round. */
function figuresOf(rounds: Standing['rounds'], index: number, name: string): number[] {
  return rounds[index]!.map((figures) => figures[name]!)
}

/** The record as JSON, its fractions cut to four significant digits. */
export function recordAsJson(record: RunRecord | RunRecord[]): string {
  const rounded = (_: string, value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value
  return `${JSON.stringify(record, rounded, 2)}\n`
}
