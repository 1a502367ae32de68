/**
 * Runs one scenario. The contestants are started one after the other; then, round by round and case by case, each has
 * its turn, so that all of them meet the same machine and every ratio comes from one run.
 */
import { rangeError } from '../../src/errors.ts'
import { ContestantProcess } from './process.ts'
import { type Absence, type Outcome, type Pace, type Standing, TIME } from './protocol.ts'
import type { Contestant, Scenario } from './scenario.ts'

interface Runner {
  standing: Standing
  child: ContestantProcess
}

/** The rounds that a scenario is given at this pace. */
export function roundsOf(scenario: Scenario, pace: Pace): number {
  return Math.min(pace.rounds, scenario.maxRounds ?? Number.POSITIVE_INFINITY)
}

/** A contestant that fails is named in `failed`, with the reason, and does not stop the others. */
export async function runScenario(
  scenario: Scenario,
  pace: Pace,
  onProgress: (message: string) => void,
): Promise<Outcome> {
  const { cases } = scenario
  const rounds = roundsOf(scenario, pace)
  const figureNames = scenario.kind === 'race' ? [TIME] : Object.keys(scenario.figures)
  const skipped: Absence[] = []
  const failed: Absence[] = []
  let runners: Runner[] = []

  function drop(name: string, cause: unknown): void {
    failed.push({ name, reason: cause instanceof Error ? cause.message : String(cause) })
    onProgress(`${name} failed`)
  }

  async function start(contestant: Contestant): Promise<void> {
    const { name, threads = scenario.threads, check = scenario.check } = contestant
    let child: ContestantProcess | undefined
    try {
      const found = await contestant.find()
      if ('missing' in found) {
        skipped.push({ name, reason: found.missing })
        onProgress(`${name} is skipped: ${found.missing}`)
        return
      }
      onProgress(`${name} warms up`)
      child = new ContestantProcess(name, found.command, threads, contestant.environment)
      const introduction = await child.prepare({
        ...scenario.task,
        ...contestant.settings,
        threads,
        caseMilliseconds: pace.roundMilliseconds / cases.length,
        cases: [...cases],
      })
      if (introduction.threads !== threads) {
        throw rangeError(name, 'threads', `${threads}`, introduction.threads)
      }
      if (!check.passes(introduction.check)) {
        throw new Error(`${check.name}: expected ${check.expected}, got ${introduction.check}`)
      }
      runners.push({ standing: { name, ...introduction, rounds: cases.map(() => []) }, child })
    } catch (cause) {
      child?.kill()
      drop(name, cause)
    }
  }

  /** Does something with each runner in turn and keeps those that succeed. */
  async function withEach(action: (runner: Runner) => Promise<void>): Promise<void> {
    const kept: Runner[] = []
    for (const runner of runners) {
      try {
        await action(runner)
        kept.push(runner)
      } catch (cause) {
        runner.child.kill()
        drop(runner.standing.name, cause)
      }
    }
    runners = kept
  }

  for (const contestant of scenario.contestants) await start(contestant)
  for (let round = 1; round <= rounds && runners.length > 0; round++) {
    onProgress(`round ${round} of ${rounds}`)
    for (const index of cases.keys()) {
      await withEach(async ({ standing, child }) => {
        standing.rounds[index]!.push(await child.run(index, figureNames))
      })
    }
  }
  await withEach(({ child }) => child.stop())
  return { standings: runners.map((runner) => runner.standing), skipped, failed }
}
