import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type LogRecord, openLog, readLog } from '../../src/jobs/log-records.ts'
import { startScript } from '../support/scripts.ts'

const start: LogRecord = { type: 'start', model: 'SimpleRnnlm', hiddenSize: 100, floor: 4.5 }
const train: LogRecord = {
  type: 'train',
  epoch: 1,
  iteration: 99,
  perplexity: 380.5,
  wordsPerSecond: 200_000,
  seconds: 0.5,
}
const valid: LogRecord = { type: 'valid', epoch: 1, iteration: 99, perplexity: 390 }
const end: LogRecord = { type: 'end', perplexity: 380.5, floor: 4.5 }

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rnnlm-log-'))
  path = join(folder, 'runs', 'run.jsonl')
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

function writeLines(...lines: string[]): void {
  openLog(path).close()
  writeFileSync(path, lines.join('\n'))
}

describe('openLog', () => {
  test('writes what readLog reads', () => {
    const log = openLog(path)
    for (const record of [start, train, valid, end]) log.write(record)
    log.close()
    expect(readLog(path)).toEqual([start, train, valid, end])
  })

  test('has each line in the file at once', () => {
    const log = openLog(path)
    log.write(start)
    expect(readFileSync(path, 'utf8')).toBe(`${JSON.stringify(start)}\n`)
    log.close()
  })

  test('starts anew in place of an older log', () => {
    writeLines('of yesterday', 'and long')
    const log = openLog(path)
    log.write(end)
    log.close()
    expect(readLog(path)).toEqual([end])
  })

  test('a value that is not finite comes back as NaN', () => {
    const log = openLog(path)
    log.write({ ...train, perplexity: Infinity })
    log.close()
    expect(readLog(path)).toEqual([{ ...train, perplexity: Number.NaN }])
  })

  test('names a path that cannot be written', () => {
    writeFileSync(join(folder, 'file'), '')
    expect(() => openLog(join(folder, 'file', 'run.jsonl'))).toThrow(
      `cannot write ${join(folder, 'file', 'run.jsonl')}`,
    )
    expect(() => openLog(folder)).toThrow(`cannot write ${folder}: it is a folder`)
  })

  test.skipIf(!existsSync('/dev/full'))('names a full disk (needs /dev/full)', () => {
    const log = openLog('/dev/full')
    expect(() => log.write(start)).toThrow('cannot write /dev/full: no space left on the disk')
    log.close()
  })

  test.skipIf(process.platform === 'win32')(
    'keeps nothing of a line that the disk does not take',
    async () => {
      const { outcome } = startScript(
        `import { openLog } from './dist/jobs/log-records.js'
       const log = openLog(${JSON.stringify(path)})
       let lines = 0
       try { for (;; lines++) log.write({ type: 'end', perplexity: lines }) } catch (error) { console.log(error.message) }
       console.log(lines)`,
        { limits: '-f 1' },
      )
      const [message, lines] = (await outcome).stdout.split('\n')
      expect(message).toBe(`cannot write ${path}: the file is too large`)
      expect(readFileSync(path, 'utf8')).toMatch(/}\n$/)
      expect(readLog(path)).toHaveLength(Number(lines))
    },
  )
})

describe('readLog', () => {
  test('passes over a last line that was cut off', () => {
    const lines = [start, train, valid].map((record) => JSON.stringify(record))
    writeLines(...lines, '{"type":"train","epo')
    expect(readLog(path)).toEqual([start, train, valid])
  })

  test('takes a last line that lacks only its newline', () => {
    writeLines(JSON.stringify(start), JSON.stringify(train))
    expect(readLog(path)).toEqual([start, train])
  })

  test.each([
    ['hello', 'line 2: record: expected a JSON object, got "hello"'],
    ['', 'line 2: record: expected a JSON object, got ""'],
    ['[1]', 'line 2: record: expected a JSON object, got "[1]"'],
    ['{"type":"toString"}', 'line 2: type: expected "start", "train", "valid" or "end", got "toString"'],
    ['{"perplexity":1}', 'line 2: type: expected "start", "train", "valid" or "end", got undefined'],
    [
      '{"type":"valid","epoch":1,"iteration":"9"}',
      'line 2: iteration: expected an integer of at least 1, got "9"',
    ],
    ['{"type":"valid","epoch":0,"iteration":9}', 'line 2: epoch: expected an integer of at least 1, got 0'],
    [
      '{"type":"valid","epoch":null,"iteration":9}',
      'line 2: epoch: expected an integer of at least 1, got null',
    ],
    ['{"type":"end"}', 'line 2: perplexity: expected a finite number of at least 0, got undefined'],
    ['{"type":"end","perplexity":-2}', 'line 2: perplexity: expected a finite number of at least 0, got -2'],
    [
      '{"type":"end","perplexity":2,"floor":-5}',
      'line 2: floor: expected a finite number of at least 1, got -5',
    ],
  ])('names file and line of %j', (line, message) => {
    writeLines(JSON.stringify(start), line, JSON.stringify(end), '')
    expect(() => readLog(path)).toThrow(`cannot read ${path}: ${message}`)
  })

  test.each(['', '{"type":"st'])('a file of %j has no records', (text) => {
    writeLines(text)
    expect(() => readLog(path)).toThrow(`cannot read ${path}: log: records: expected at least one, got []`)
  })

  test('names a file that is not there', () => {
    expect(() => readLog(path)).toThrow(`cannot read ${path}: no such file or folder`)
  })
})
