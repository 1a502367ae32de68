/** The contestant's side of the bench protocol (see `harness/process.ts`) for our own contestants. */
import { createInterface } from 'node:readline'
import type { Case, Figures, Task } from '../harness/protocol.ts'
import { loadPackage, type Package, packageVersion } from './package.ts'

interface Prepared<TaskCase> {
  check: number
  /** Does one round of a case. */
  measure(measured: TaskCase): Figures | Promise<Figures>
}

/** Reads the task, prepares for it, then answers each line `run`. An error ends the process with exit code 1. */
export async function serve<Settings extends object, TaskCase extends Case = Case>(
  prepare: (rnnlm: Package, task: Task<Settings, TaskCase>) => Promise<Prepared<TaskCase>>,
): Promise<void> {
  try {
    const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
    const rnnlm = await loadPackage()
    const task: Task<Settings, TaskCase> = JSON.parse((await lines.next()).value)
    const { check, measure } = await prepare(rnnlm, task)
    const { threads, isa, precision } = rnnlm.kernels()
    const details = { node: process.versions.node, rnnlm: packageVersion(), isa, precision }
    answer({ ready: true, threads, check, details })
    for (let line = await lines.next(); !line.done; line = await lines.next()) {
      const [, caseNumber] = line.value.split(' ')
      answer(await measure(task.cases[Number(caseNumber)]!))
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
    process.exit(1)
  }
}

/** How often something that takes `milliseconds` is done in one round. */
export function repeatsPerRound(task: Task, milliseconds: number): number {
  return Math.max(1, Math.round(task.caseMilliseconds / milliseconds))
}

/** Does `action` for the time of a round; returns how to measure rounds of it. */
export function warmUp(task: Task, action: () => void): () => Figures {
  let count = 0
  const start = performance.now()
  do {
    action()
    count++
  } while (performance.now() - start < task.caseMilliseconds)
  const repeats = repeatsPerRound(task, (performance.now() - start) / count)
  return () => {
    const start = performance.now()
    for (let i = 0; i < repeats; i++) action()
    return { millisecondsPerIteration: (performance.now() - start) / repeats }
  }
}

function answer(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}
