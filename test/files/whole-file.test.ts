import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  makeFolder,
  removeLeftovers,
  writeFileWhole,
  writeFileWholeAsync,
} from '../../src/files/whole-file.ts'
import { temporaryFolder } from '../support/command-line.ts'
import { startScript } from '../support/scripts.ts'

const CHUNKS = [Buffer.from('no it '), Buffer.from(''), Buffer.from("was n't")]
const isRoot = process.getuid?.() === 0

describe.each([
  ['writeFileWhole', async (path: string, chunks: Iterable<Uint8Array>) => writeFileWhole(path, chunks)],
  ['writeFileWholeAsync', writeFileWholeAsync],
])('%s', (name, write) => {
  it('writes chunks one after the other, in a folder that it makes', async () => {
    const folder = join(temporaryFolder(), 'new', 'folder')
    await write(join(folder, 'text'), CHUNKS)
    expect(readFileSync(join(folder, 'text'), 'utf8')).toBe("no it was n't")
    expect(readdirSync(folder)).toEqual(['text'])
  })

  it('replaces the file that is there', async () => {
    const path = join(temporaryFolder(), 'text')
    writeFileSync(path, 'a longer text than the next')
    await write(path, CHUNKS)
    expect(readFileSync(path, 'utf8')).toBe("no it was n't")
    await write(path, [])
    expect(readFileSync(path, 'utf8')).toBe('')
  })

  it('goes through a link to the file, and leaves a pipe alone', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'elsewhere'))
    const file = join(folder, 'elsewhere', 'text')
    writeFileSync(file, 'old')
    symlinkSync(file, join(folder, 'link'))
    await write(join(folder, 'link'), CHUNKS)
    expect(readFileSync(file, 'utf8')).toBe("no it was n't")
    expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true)
    expect(readdirSync(join(folder, 'elsewhere'))).toEqual(['text'])
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    await expect(write(pipe, CHUNKS)).rejects.toThrow(`cannot write ${pipe}: it is not a regular file`)
    expect(lstatSync(pipe).isFIFO()).toBe(true)
  })

  it('says what stands in the way, and leaves nothing behind', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'file'), '')
    mkdirSync(join(folder, 'folder'))
    for (const below of [join(folder, 'file', 'text'), join(folder, 'file', 'a', 'b', 'text')]) {
      await expect(write(below, CHUNKS)).rejects.toThrow(
        `cannot write ${below}: ${join(folder, 'file')} is not a folder`,
      )
    }
    await expect(write(join(folder, 'folder'), CHUNKS)).rejects.toThrow('it is a folder')
    expect(readdirSync(folder)).toEqual(['file', 'folder'])
  })

  it.skipIf(isRoot)('says that a folder may not be written (root may write anywhere)', async () => {
    const folder = temporaryFolder()
    chmodSync(folder, 0o500)
    await expect(write(join(folder, 'text'), CHUNKS)).rejects.toThrow('permission denied')
  })

  it('leaves the file that is there as it was when its chunks end in an error', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'text'), 'good')
    const chunks = (function* () {
      yield CHUNKS[0]!
      throw new Error('no more')
    })()
    await expect(write(join(folder, 'text'), chunks)).rejects.toThrow('no more')
    expect(readdirSync(folder)).toEqual(['text'])
    expect(readFileSync(join(folder, 'text'), 'utf8')).toBe('good')
  })

  it.skipIf(process.platform === 'win32')(
    'leaves the file that is there as it was when the disk takes no more',
    async () => {
      const folder = temporaryFolder()
      const path = join(folder, 'text')
      writeFileSync(path, 'good')
      const { outcome } = startScript(
        `import { ${name} } from './dist/files/whole-file.js'
         const chunks = Array.from({ length: 20 }, () => Buffer.alloc(2048))
         try { await ${name}(${JSON.stringify(path)}, chunks) } catch (error) { console.log(error.message) }`,
        { limits: '-f 16' },
      )
      expect((await outcome).stdout).toBe(`cannot write ${path}: the file is too large\n`)
      expect(readdirSync(folder)).toEqual(['text'])
      expect(readFileSync(path, 'utf8')).toBe('good')
    },
  )
})

describe('makeFolder', () => {
  it('makes a folder and those above it, once', () => {
    const folder = join(temporaryFolder(), 'a', 'b', 'c')
    makeFolder(folder)
    makeFolder(folder)
    expect(statSync(folder).isDirectory()).toBe(true)
  })

  it('names the part of the path that is not a folder', () => {
    const folder = temporaryFolder()
    const file = join(folder, 'file')
    const link = join(folder, 'link')
    writeFileSync(file, '')
    symlinkSync(join(folder, 'nowhere'), link)
    for (const below of [file, join(file, 'a'), join(file, 'a', 'b')]) {
      expect(() => makeFolder(below)).toThrow(`${file} is not a folder`)
    }
    expect(() => makeFolder(join(link, 'a'))).toThrow(link)
  })

  it.runIf(existsSync('/proc/self'))('fails where no folder can be made', () => {
    expect(() => makeFolder('/proc/self/a/b')).toThrow('ENOENT')
  })
})

it('writeFileWhole takes a text or bytes as a whole', () => {
  const path = join(temporaryFolder(), 'text')
  writeFileWhole(path, 'naïve')
  expect(readFileSync(path, 'utf8')).toBe('naïve')
  writeFileWhole(path, Uint8Array.of(1, 2))
  expect([...readFileSync(path)]).toEqual([1, 2])
})

it('removeLeftovers removes what a killed writer left, and nothing else', async () => {
  const folder = temporaryFolder()
  const { outcome } = startScript(
    `import { writeFileWhole } from './dist/files/whole-file.js'
     writeFileWhole(${JSON.stringify(join(folder, 'text'))}, (function* () {
       yield Buffer.from('half')
       process.kill(process.pid, 'SIGKILL')
     })())`,
  )
  await outcome
  expect(readdirSync(folder)).toEqual([expect.stringMatching(/^\.text\./)])
  writeFileSync(join(folder, '.notes.part'), '')
  removeLeftovers(folder)
  expect(readdirSync(folder)).toEqual(['.notes.part'])
})
