import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { lockFolder } from '../src/lock.ts'
import { temporaryFolder } from './support/command-line.ts'
import { startScript } from './support/scripts.ts'

/** A number that no process has now. */
const deadPid = spawnSync(process.execPath, ['--version']).pid

const DEAD = {
  id: '00000000-0000-4000-8000-000000000000',
  host: hostname(),
  pid: deadPid,
  started: 'another boot:1',
}

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
      `import { lockFolder } from './dist/lock.js'
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

  it('takes over from a process whose number another has by now', () => {
    expectFree(folderWith({ ...DEAD, pid: process.pid }))
  })

  it('takes over from one that was killed while it took over itself', () => {
    const folder = folderWith(DEAD)
    writeFileSync(
      join(folder, `.lock.${DEAD.id}`),
      JSON.stringify({ ...DEAD, id: DEAD.id.replace(/^0/, '1') }),
    )
    const lock = lockFolder(folder)
    expect(readdirSync(folder)).toEqual(['.lock'])
    lock.release()
    expect(readdirSync(folder)).toEqual([])
  })

  it('never takes a process of another machine for gone', () => {
    const folder = folderWith({ ...DEAD, host: 'elsewhere' })
    expect(() => lockFolder(folder)).toThrow(
      `cannot lock ${folder}: process ${deadPid} of the machine elsewhere works there; if that is no longer so, delete ${join(folder, '.lock')}`,
    )
  })

  it.each([
    ['', '{', 'null', '[]', '3', '{}'],
    [
      { ...DEAD, pid: 0 },
      { ...DEAD, pid: -1 },
      { ...DEAD, pid: '1' },
      { ...DEAD, id: '../../x' },
    ],
    [
      { ...DEAD, host: undefined },
      { ...DEAD, started: 5 },
    ],
  ])('refuses a file that names no process, and lets it stand', (...contents) => {
    for (const content of contents) {
      const folder = folderWith(content)
      const path = join(folder, '.lock')
      const before = readFileSync(path, 'utf8')
      expect(() => lockFolder(folder)).toThrow(
        `cannot lock ${folder}: ${path} names no process; if no job is there, delete it`,
      )
      expect(readFileSync(path, 'utf8')).toBe(before)
    }
  })

  it('says why a folder cannot be used', () => {
    const folder = folderWith('', 'file')
    expect(() => lockFolder(join(folder, 'file'))).toThrow(
      `cannot lock ${join(folder, 'file')}: ${join(folder, 'file')} is not a folder`,
    )
    mkdirSync(join(folder, '.lock'))
    expect(() => lockFolder(folder)).toThrow(`cannot lock ${folder}: it is a folder`)
  })

  it.skipIf(process.platform === 'win32')('leaves no lock behind where the disk takes no more', async () => {
    const folder = temporaryFolder()
    const { outcome } = startScript(
      `import { lockFolder } from './dist/lock.js'
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
      if (round % 2) writeFileSync(join(folder, String(round), '.lock'), JSON.stringify(DEAD))
    }
    const script = `
      import { lockFolder } from './dist/lock.js'
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
