/** Makes the record of a run, and writes it as JSON. */
import type { Machine } from './machine.ts'
import { type Case, OURS, type Outcome, type Pace, type Standing, TIME } from './protocol.ts'
import { roundsOf } from './run.ts'
import type { RecordedCase, RunRecord } from './run-record.ts'
import type { Scenario } from './scenario.ts'
import { medianRatio, summarise } from './statistics.ts'

export function makeRecord(
  scenario: Scenario,
  pace: Pace,
  machine: Machine,
  { standings, skipped, failed }: Outcome,
): RunRecord {
  const ours = standings.find(({ name }) => name === OURS)
  return {
    scenario: scenario.name,
    title: scenario.title,
    date: new Date().toISOString().slice(0, 10),
    machine,
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
