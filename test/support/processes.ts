/** Processes that tests start: what they print is kept, and none of them outlives the tests of its file. */
import { type ChildProcessWithoutNullStreams, type SpawnOptionsWithoutStdio, spawn } from 'node:child_process'
import { afterAll } from 'vitest'

export interface Outcome {
  code: number | null
  stdout: string
  stderr: string
}

export interface Started {
  child: ChildProcessWithoutNullStreams
  /** What the process has printed so far. */
  printed: Readonly<Record<'stdout' | 'stderr', string>>
  /** When the process has ended. */
  outcome: Promise<Outcome>
  /**
   * Resolves with all of a stream's text once a pattern has matched it (if omitted: once there is any text).
   * Rejects with the exit code or signal and the end of standard error if the process ends first.
   */
  prints(stream: 'stdout' | 'stderr', pattern?: RegExp): Promise<string>
}

export interface ProcessOptions extends SpawnOptionsWithoutStdio {
  /** In the words of the shell's `ulimit`, such as `-f 8` (files of at most 8 KiB). */
  limits?: string
}

const children = new Set<ChildProcessWithoutNullStreams>()
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
})

/** Starts a program, by its path or name and its arguments. */
export function startProcess(
  program: readonly string[],
  { limits, ...options }: ProcessOptions = {},
): Started {
  const command = limits ? ['bash', '-c', `ulimit ${limits}; exec "$@"`, 'bash', ...program] : program
  const child = spawn(command[0]!, command.slice(1), options)
  children.add(child)
  child.stdin.on('error', () => {})

  const printed = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (chunk) => {
      printed[stream] += chunk
    })
  }
  const outcome = new Promise<Outcome>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ ...printed, code }))
  })

  const prints = (stream: 'stdout' | 'stderr', pattern = /./s) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        if (!pattern.test(printed[stream])) return
        child[stream].off('data', look)
        resolve(printed[stream])
      }
      const giveUp = () => {
        const end = child.signalCode ?? `exit code ${child.exitCode}`
        const reason = `the process ended (${end}) before its ${stream} matched ${pattern}`
        reject(new Error(`${reason}; the end of its stderr:\n${printed.stderr.slice(-2000)}`))
      }
      child[stream].on('data', look)
      outcome.then(giveUp, reject)
      look()
    })

  return { child, printed, outcome, prints }
}
