/** Runs the built command line as a user would, in a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

export interface Outcome {
  code: number | null
  stdout: string
  stderr: string
}

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

export interface Started {
  child: ChildProcess
  outcome: Promise<Outcome>
}

export function startRnnlm(
  args: readonly string[],
  cwd: string,
  { env, limits, input }: StartOptions = {},
): Started {
  const command = [process.execPath, main, ...args]
  const limited = limits ? ['bash', '-c', `ulimit ${limits}; exec "$@"`, 'bash', ...command] : command
  const child = spawn(limited[0]!, limited.slice(1), {
    cwd,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  child.stdin.on('error', () => {})
  if (input !== null) child.stdin.end(input)
  const outcome: Outcome = { code: null, stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => {
    outcome.stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    outcome.stderr += chunk
  })
  return {
    child,
    outcome: new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code) => resolve({ ...outcome, code }))
    }),
  }
}

/** @param onStderr called with what has come on standard error so far */
export function rnnlm(
  args: readonly string[],
  cwd: string,
  onStderr: (text: string, kill: (signal: NodeJS.Signals) => void) => void = () => {},
): Promise<Outcome> {
  const { child, outcome } = startRnnlm(args, cwd)
  let text = ''
  child.stderr!.on('data', (chunk) => {
    text += chunk
    onStderr(text, (signal) => child.kill(signal))
  })
  return outcome
}
