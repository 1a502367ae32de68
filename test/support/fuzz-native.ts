/**
 * Calls native functions with hostile arguments. A process of its own, since what is looked for may end it: the call that is
 * under way is the first line of a file. Arguments: that file, the calls of each function, the seed. Prints a summary in JSON.
 */
import { openSync, writeSync } from 'node:fs'
import { types } from 'node:util'
import { type Native, type NativeTape, native } from '../../src/native.ts'
import { type HostileCall, hostileCalls } from './hostile-calls.ts'
import { detach } from './hostile-values.ts'
import { EXAMPLES } from './native-calls.ts'

const [path, count, seed] = process.argv.slice(2)
const progress = openSync(path!, 'w')

type Function = (...args: unknown[]) => unknown

/** Runs it; only an Error may come out. */
async function survive(run: () => unknown): Promise<boolean> {
  try {
    await run()
    return true
  } catch (error) {
    if (types.isNativeError(error)) return false
    throw new Error(`${String(error)} was thrown, which is no Error`)
  }
}

function stop(): NativeTape | undefined {
  try {
    return native.stopRecording()
  } catch {
    return undefined
  }
}

/** A buffer of the tape may be taken away before the run. */
async function runTape(tape: NativeTape, { values }: HostileCall): Promise<void> {
  await survive(() => native.equalTapes(tape, tape) && native.isCurrent(tape))
  await survive(() => native.runTape(tape))
  await survive(() => native.runTapeInBackground(tape))
  const view = values.find((value) => ArrayBuffer.isView(value))
  if (!view || !(await survive(() => detach(view.buffer)))) return
  await survive(() => native.runTape(tape))
  await survive(() => native.runTapeInBackground(tape))
}

async function perform(call: HostileCall): Promise<boolean> {
  native.selectIsa(call.isa)
  native.selectPrecision(call.precision)
  if (call.isRecorded || call.name === 'stopRecording') native.startRecording()
  const isDone = await survive(() => (native[call.name] as Function)(...call.args))
  native.setThreadCount(2)
  const tape = stop()
  if (tape) await runTape(tape, call)
  return isDone
}

const summary: Record<string, { calls: number; successes: number }> = {}
for (const name of Object.keys(EXAMPLES) as (keyof Native)[]) {
  const tally = { calls: 0, successes: 0 }
  for (const call of hostileCalls(name, Number(count), Number(seed))) {
    writeSync(progress, `${call.text}\n`, 0)
    const isDone = await perform(call)
    if (tally.calls === 0 && !isDone) throw new Error('the valid call was refused')
    tally.calls++
    tally.successes += Number(isDone)
  }
  summary[name] = tally
}
console.log(JSON.stringify({ summary, peakMegabytes: process.resourceUsage().maxRSS / 1024 }))
