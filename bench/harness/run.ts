/**
 * Runs one scenario. The contestants are started one after the other; then each does one round in turn, again and
 * again, so that all of them meet the same machine and every ratio comes from one run.
 */
import { ContestantProcess } from './process.ts'
import type { Absence, Contestant, Outcome, Pace, Scenario, Standing } from './scenario.ts'

interface Runner {
  standing: Standing
  child: ContestantProcess
}

/** A contestant that fails is named in `failed`, with the reason, and does not stop the others. */
export async function runScenario(
  scenario: Scenario,
  pace: Pace,
  onProgress: (message: string) => void,
): Promise<Outcome> {
  const skipped: Absence[] = []
  const failed: Absence[] = []
  let runners: Runner[] = []

  function drop(name: string, cause: unknown): void {
    failed.push({ name, reason: cause instanceof Error ? cause.message : String(cause) })
    onProgress(`${name} failed`)
  }

  async function start({ name, find }: Contestant): Promise<void> {
    const found = await find()
    if ('missing' in found) {
      skipped.push({ name, reason: found.missing })
      onProgress(`${name} is skipped: ${found.missing}`)
      return
    }
    onProgress(`${name} warms up`)
    const child = new ContestantProcess(name, found.command, scenario.threads)
    try {
      const { check, details } = await child.prepare({
        ...scenario.task,
        threads: scenario.threads,
        roundMilliseconds: pace.roundMilliseconds,
      })
      if (!scenario.check.passes(check)) {
        throw new Error(`${scenario.check.name}: expected ${scenario.check.expected}, got ${check}`)
      }
      runners.push({ standing: { name, details, check, rounds: [] }, child })
    } catch (cause) {
      child.kill()
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
  for (let round = 1; round <= pace.rounds && runners.length > 0; round++) {
    onProgress(`round ${round} of ${pace.rounds}`)
    await withEach(async ({ standing, child }) => {
      standing.rounds.push(await child.run())
    })
  }
  await withEach(({ child }) => child.stop())
  return { standings: runners.map((runner) => runner.standing), skipped, failed }
}
