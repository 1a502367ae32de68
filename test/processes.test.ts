import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { identify, isRunning } from '../src/processes.ts'

const hasProc = existsSync('/proc/self/stat')

describe('isRunning', () => {
  it('this process, however it is known', () => {
    expect(isRunning(identify(process.pid))).toBe(true)
    expect(isRunning({ pid: process.pid, started: null })).toBe(true)
  })

  it('a process of another user, or the first of all', () => {
    expect(isRunning(identify(1))).toBe(true)
  })

  it('another until it is killed', async () => {
    const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'])
    const identity = identify(child.pid!)
    expect(isRunning(identity)).toBe(true)
    child.kill('SIGKILL')
    await once(child, 'close')
    expect(isRunning(identity)).toBe(false)
  })

  it.runIf(hasProc)('not one that had the number before', () => {
    expect(identify(process.pid).started).toMatch(/^[0-9a-f-]{36}:\d+$/)
    expect(isRunning({ pid: process.pid, started: 'another boot:1' })).toBe(false)
  })

  it.runIf(hasProc)('not one that ended and that its parent has not asked for', async () => {
    const parent = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 60'])
    try {
      const [pid] = await once(parent.stdout, 'data')
      await expect.poll(() => isRunning(identify(Number(pid)))).toBe(false)
      process.kill(Number(pid), 0)
    } finally {
      parent.kill('SIGKILL')
    }
  })
})
