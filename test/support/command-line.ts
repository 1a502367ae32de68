/** Runs the built command line as a user would, in a folder of its own. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { type Outcome, type Started, startProcess } from './processes.ts'

export type { Outcome, Started } from './processes.ts'

export const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rnnlm-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface StartOptions {
  /** Variables of the environment, besides those of the tests. */
  env?: Record<string, string>
  /** In the words of the shell's `ulimit`, such as `-f 8` (files of at most 8 KiB). */
  limits?: string
  /** What it reads on standard input; null for nothing, and no end of it. */
  input?: string | Buffer | null
}

export function startRnnlm(
  args: readonly string[],
  cwd: string,
  { env, limits, input }: StartOptions = {},
): Started {
  const started = startProcess([process.execPath, main, ...args], {
    cwd,
    limits,
    env: { ...process.env, ...env },
  })
  if (input !== null) started.child.stdin.end(input)
  return started
}

/** @param onStderr called with what has come on standard error so far */
export function rnnlm(
  args: readonly string[],
  cwd: string,
  onStderr: (text: string, kill: (signal: NodeJS.Signals) => void) => void = () => {},
): Promise<Outcome> {
  const { child, printed, outcome } = startRnnlm(args, cwd)
  child.stderr.on('data', () => onStderr(printed.stderr, (signal) => child.kill(signal)))
  return outcome
}
