/**
 * Native functions with arguments that are wrong in every way: each call succeeds or throws, and none crashes, hangs or takes
 * gigabytes. RNNLM_FUZZ_CALLS and RNNLM_FUZZ_SEED make longer runs and others.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { native } from '../src/native.ts'
import { temporaryFolder } from './support/command-line.ts'
import { EXAMPLES } from './support/native-calls.ts'
import { startProcess } from './support/processes.ts'

const SCRIPT = 'test/support/fuzz-native.ts'
const CALLS = Number(process.env.RNNLM_FUZZ_CALLS ?? 1000)
const SEED = Number(process.env.RNNLM_FUZZ_SEED ?? 1)

it('every native function has an example', () => {
  const functions = Object.entries(native).filter(([, value]) => typeof value === 'function')
  expect(Object.keys(EXAMPLES).sort()).toEqual(functions.map(([name]) => name).sort())
})

it('survives hostile arguments', async ({ task }) => {
  const progress = join(temporaryFolder(), 'call')
  const { child, outcome } = startProcess(
    [process.execPath, '--import', 'tsx', SCRIPT, progress, String(CALLS), String(SEED)],
    { timeout: 0.9 * task.timeout, killSignal: 'SIGKILL' },
  )
  const { code, stdout, stderr } = await outcome
  const call = readFileSync(progress, 'utf8').split('\n')[0]
  const end = child.signalCode === 'SIGKILL' ? 'has not ended' : (child.signalCode ?? `exit code ${code}`)
  expect(code, `${call}: ${end}\n${stderr.slice(-2000)}`).toBe(0)
  const { summary, peakMegabytes } = JSON.parse(stdout)
  for (const { calls, successes } of Object.values<{ calls: number; successes: number }>(summary)) {
    expect(calls).toBeGreaterThan(CALLS)
    expect(successes).toBeGreaterThan(0)
  }
  expect(peakMegabytes).toBeLessThan(1500)
})
