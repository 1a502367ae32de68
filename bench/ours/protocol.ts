/** The contestant's side of the bench protocol (see `harness/process.ts`) for our own contestants. */
import { createInterface } from 'node:readline'
import type { Details, Task } from '../harness/scenario.ts'

export interface Prepared {
  check: number
  details: Details
  /** Does one round; resolves with its milliseconds per iteration. */
  measure(): Promise<number>
}

/** Reads the task, prepares for it, then answers each line `run`. An error ends the process with exit code 1. */
export async function serve<Settings extends object>(
  prepare: (task: Task<Settings>) => Promise<Prepared>,
): Promise<void> {
  try {
    const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
    const { check, details, measure } = await prepare(JSON.parse((await lines.next()).value))
    answer({ ready: true, check, details })
    while (!(await lines.next()).done) answer({ millisecondsPerIteration: await measure() })
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
    process.exit(1)
  }
}

/** How often something that takes `milliseconds` is done in one round. */
export function repeatsPerRound(task: Task, milliseconds: number): number {
  return Math.max(1, Math.round(task.roundMilliseconds / milliseconds))
}

function answer(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}
