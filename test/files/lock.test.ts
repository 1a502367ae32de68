import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { removeExpired } from '../../src/files/lease.ts'
import { lockFolder } from '../../src/files/lock.ts'
import { native } from '../../src/native.ts'
import { temporaryFolder } from '../support/command-line.ts'
import { startScript } from '../support/scripts.ts'

/** What a killed process leaves. */
const LEFT = { pid: 12345, host: 'elsewhere' }

afterEach(() => {
  vi.restoreAllMocks()
})

function folderWith(lock: object | string, name = '.lock'): string {
  const folder = temporaryFolder()
  writeFileSync(join(folder, name), typeof lock === 'string' ? lock : JSON.stringify(lock))
  return folder
}

/** Makes the lock as old as if it had last been refreshed `seconds` ago. */
function age(folder: string, seconds: number): void {
  const path = join(folder, '.lock')
  const time = performance.timeOrigin / 1000 + performance.now() / 1000 - seconds
  utimesSync(path, time, time)
}

function expectFree(folder: string): void {
  lockFolder(folder).release()
  expect(readdirSync(folder)).toEqual([])
}

describe('lockFolder', () => {
  it('makes the folder, lets nobody else in until it is released, and leaves no file', () => {
    const folder = join(temporaryFolder(), 'runs', 'a')
    const lock = lockFolder(folder)
    expect(() => lockFolder(folder)).toThrow(
      `cannot lock ${folder}: process ${process.pid} works there, as ${join(folder, '.lock')} says`,
    )
    lock.release()
    const next = lockFolder(folder)
    lock.release()
    expect(() => lockFolder(folder)).toThrow(`process ${process.pid} works there`)
    next.release()
    expect(readdirSync(folder)).toEqual([])
  })

  it('releases nothing where the folder is gone', () => {
    const folder = temporaryFolder()
    const lock = lockFolder(folder)
    rmSync(folder, { recursive: true })
    lock.release()
  })

  it('refuses while another process works there, and takes over when it was killed', async () => {
    const folder = temporaryFolder()
    const { child, outcome, prints } = startScript(
      `import { lockFolder } from './dist/files/lock.js'
       lockFolder(${JSON.stringify(folder)})
       console.log('locked')
       setInterval(() => {}, 1000)`,
    )
    await prints('stdout')
    expect(() => lockFolder(folder)).toThrow(`cannot lock ${folder}: process ${child.pid} works there`)
    child.kill('SIGKILL')
    await outcome
    expect(existsSync(join(folder, '.lock'))).toBe(true)
    expectFree(folder)
  })

  it('removes what a killed process left, and nothing else', () => {
    const folder = folderWith('half a file', '.last.safetensors.123.0a1b2c3d.part')
    writeFileSync(join(folder, 'last.safetensors'), '')
    writeFileSync(join(folder, 'notes.part'), '')
    lockFolder(folder).release()
    expect(readdirSync(folder)).toEqual(['last.safetensors', 'notes.part'])
  })

  it('takes over at once from a killed process, under whatever host name', () => {
    expectFree(folderWith(LEFT))
    expectFree(folderWith({ pid: process.pid, host: hostname() }))
  })

  it('takes over from one that was killed before it wrote its name', () => {
    expectFree(folderWith(''))
  })

  it('tells that the folder is gone, or was taken over', () => {
    const folder = temporaryFolder()
    const lock = lockFolder(folder)
    lock.check()
    const other = lockFolder(folder, { takeOver: true })
    const message = `cannot use ${folder}: the folder is gone, or another process has taken it over`
    expect(() => lock.check()).toThrow(message)
    other.check()
    rmSync(folder, { recursive: true })
    expect(() => other.check()).toThrow(message)
    other.release()
    lock.release()
    expect(existsSync(folder)).toBe(false)
  })

  it('can be released more than once', () => {
    const folder = temporaryFolder()
    const lock = lockFolder(folder)
    lock.release()
    const next = lockFolder(folder)
    lock.release()
    expect(() => lockFolder(folder)).toThrow('works there')
    next.release()
  })

  it.each(['{', 'null', '[]', '3', '{}', '{"pid":"1","host":"a"}', '{"pid":1}', 'notes'])(
    'refuses a file that no job wrote, and leaves it: %s',
    (content) => {
      const folder = folderWith(content)
      const path = join(folder, '.lock')
      expect(() => lockFolder(folder)).toThrow(
        `cannot lock ${folder}: ${path} was not written by a job; if nothing needs it, delete it`,
      )
      expect(readFileSync(path, 'utf8')).toBe(content)
    },
  )

  it('does not follow a link, dangling or not, and ends', () => {
    const folder = temporaryFolder()
    const target = join(temporaryFolder(), 'target')
    symlinkSync(target, join(folder, '.lock'))
    const message = `cannot lock ${folder}: ${join(folder, '.lock')} is a link, which a job does not follow; delete it`
    expect(() => lockFolder(folder)).toThrow(message)
    expect(existsSync(target)).toBe(false)
    writeFileSync(target, 'precious')
    expect(() => lockFolder(folder)).toThrow(message)
    expect(readFileSync(target, 'utf8')).toBe('precious')
    lockFolder(folder, { takeOver: true }).release()
    expect(readFileSync(target, 'utf8')).toBe('precious')
  })

  it('takes over from a running process if told to, whose release then changes nothing', () => {
    const folder = temporaryFolder()
    const first = lockFolder(folder)
    const second = lockFolder(folder, { takeOver: true })
    first.release()
    expect(() => lockFolder(folder)).toThrow('works there')
    second.release()
    expect(readdirSync(folder)).toEqual([])
  })

  it('warns if the process that it takes over from is alive', () => {
    const folder = folderWith(LEFT)
    const first = lockFolder(folder, { takeOver: true })
    expect(first.warning).toBeUndefined()
    const second = lockFolder(folder, { takeOver: true })
    expect(second.warning).toBe(
      `process ${process.pid} still worked in ${folder}, which was taken over: it will stop with an error before it saves`,
    )
    first.release()
    second.release()
  })

  it('without locks of the kernel, refuses while the file is fresh', () => {
    vi.spyOn(native, 'lockFile').mockReturnValue('unsupported')
    const folder = temporaryFolder()
    const lock = lockFolder(folder)
    expect(() => lockFolder(folder)).toThrow(
      `cannot lock ${folder}: process ${process.pid} works there, or was killed less than 60 seconds ago (this file system cannot tell): if it has ended, wait, or take over (--take-over, or takeOver: true)`,
    )
    lock.release()
    expect(readdirSync(folder)).toEqual([])
    const left = folderWith(LEFT)
    expect(() => lockFolder(left)).toThrow('process 12345 of elsewhere works there, or was killed')
    lockFolder(left, { takeOver: true }).release()
    const foreign = folderWith('notes')
    age(foreign, 1000)
    expect(() => lockFolder(foreign)).toThrow('was not written by a job')
  })

  it('without locks of the kernel, takes over what was not refreshed for a minute of the file system', () => {
    vi.spyOn(native, 'lockFile').mockReturnValue('unsupported')
    for (const left of [LEFT, '']) {
      const folder = folderWith(left)
      age(folder, 50)
      vi.spyOn(Date, 'now').mockReturnValue(4e12)
      expect(() => lockFolder(folder)).toThrow('works there, or was killed less than 60 seconds ago')
      vi.spyOn(Date, 'now').mockReturnValue(0)
      age(folder, 70)
      expectFree(folder)
    }
  })

  it('without locks of the kernel, refreshes its file every ten seconds and at each check, until it is released', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    vi.spyOn(native, 'lockFile').mockReturnValue('unsupported')
    const folder = temporaryFolder()
    const lock = lockFolder(folder)
    for (const refresh of [() => vi.advanceTimersByTime(10_000), () => lock.check()]) {
      age(folder, 70)
      refresh()
      expect(() => lockFolder(folder)).toThrow(`process ${process.pid} works there, or was killed`)
    }
    age(folder, 70)
    const next = lockFolder(folder)
    expect(() => lock.check()).toThrow('another process has taken it over')
    lock.release()
    next.check()
    next.release()
    expect(vi.getTimerCount()).toBe(0)
    expect(readdirSync(folder)).toEqual([])
  })

  it('without locks of the kernel, puts back the lock of a process that took over at the same time', () => {
    const folder = folderWith(LEFT)
    const path = join(folder, '.lock')
    const expired = openSync(path, 'r')
    rmSync(path)
    writeFileSync(path, 'of the other')
    removeExpired(path, expired)
    expect(readFileSync(path, 'utf8')).toBe('of the other')
    rmSync(path)
    removeExpired(path, expired)
    closeSync(expired)
    expect(readdirSync(folder)).toEqual([])
  })

  it('gives up when the file changes under it again and again', () => {
    vi.spyOn(native, 'lockFile').mockImplementation(() => {
      rmSync(join(folder, '.lock'))
      return 'locked'
    })
    const folder = temporaryFolder()
    expect(() => lockFolder(folder)).toThrow('keeps changing: other processes work there')
  })

  it('says why a folder cannot be used', () => {
    const folder = folderWith('', 'file')
    expect(() => lockFolder(join(folder, 'file'))).toThrow(
      `cannot lock ${join(folder, 'file')}: ${join(folder, 'file')} is not a folder`,
    )
    mkdirSync(join(folder, '.lock'))
    expect(() => lockFolder(folder)).toThrow(
      `cannot lock ${folder}: ${join(folder, '.lock')} is a folder, not a regular file; delete it`,
    )
    expect(() => lockFolder(folder, { takeOver: true })).toThrow(`cannot lock ${folder}: `)
  })

  it.skipIf(process.platform === 'win32')('leaves no lock behind where the disk takes no more', async () => {
    const folder = temporaryFolder()
    const { outcome } = startScript(
      `import { lockFolder } from './dist/files/lock.js'
       try { lockFolder(${JSON.stringify(folder)}) } catch (error) { console.log(error.message) }`,
      { limits: '-f 0' },
    )
    expect((await outcome).stdout).toBe(`cannot lock ${folder}: the file is too large\n`)
    expect(readdirSync(folder)).toEqual([])
  })

  it('lets exactly one of several starters take over, whoever is first', async () => {
    const folder = temporaryFolder()
    const rounds = 60
    for (let round = 0; round < rounds; round++) {
      mkdirSync(join(folder, String(round)))
      if (round % 2) writeFileSync(join(folder, String(round), '.lock'), JSON.stringify(LEFT))
    }
    const script = `
      import { lockFolder } from './dist/files/lock.js'
      const won = []
      console.log('ready')
      const [start] = await new Promise((resolve) => process.stdin.once('data', (data) => resolve([Number(data)])))
      for (let round = 0; round < ${rounds}; round++) {
        while (Date.now() < start + 5 * round);
        try {
          lockFolder(${JSON.stringify(folder)} + '/' + round)
          won.push(round)
        } catch (error) {
          if (!/works there/.test(error.message)) throw error
        }
      }
      console.log(JSON.stringify(won))
      await new Promise((resolve) => process.stdin.once('end', resolve))
    `
    const starters = Array.from({ length: 3 }, () => startScript(script))
    await Promise.all(starters.map(({ prints }) => prints('stdout', /ready\n/)))
    const start = Date.now() + 20
    for (const { child } of starters) child.stdin.write(String(start))
    const results = await Promise.all(starters.map(({ prints }) => prints('stdout', /\]\n/)))
    const won = results.flatMap((text) => JSON.parse(text.split('\n')[1]!) as number[])
    for (const { child } of starters) child.stdin.end()
    await Promise.all(starters.map(({ outcome }) => outcome))
    expect(won.sort((a, b) => a - b)).toEqual(Array.from({ length: rounds }, (_, round) => round))
  })
})
