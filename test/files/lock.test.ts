import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
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

  it('without locks of the kernel, refuses while the file exists', () => {
    vi.spyOn(native, 'lockFile').mockReturnValue('unsupported')
    const folder = temporaryFolder()
    const lock = lockFolder(folder)
    expect(() => lockFolder(folder)).toThrow(
      `cannot lock ${folder}: process ${process.pid} works there or was killed (this file system cannot tell): if it has ended, take over (--take-over, or takeOver: true)`,
    )
    lock.release()
    expect(readdirSync(folder)).toEqual([])
    const left = folderWith(LEFT)
    expect(() => lockFolder(left)).toThrow('process 12345 of elsewhere works there or was killed')
    lockFolder(left, { takeOver: true }).release()
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
