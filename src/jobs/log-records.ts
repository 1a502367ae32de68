/**
 * Training logs: one JSON object per line. The first describes the run, the following ones contain a perplexity each,
 * and the last contains the result. NaN and infinity are written as null and read back as NaN.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { checkInteger, checkNumber, isObject } from '../checks.ts'
import { rangeError } from '../errors.ts'
import { decodeBytes } from '../files/encodings.ts'
import { fileError } from '../files/file-error.ts'
import { makeFolder } from '../files/whole-file.ts'

/** Describes the run: its settings by name, and the perplexity floor of the held-out text if known. */
interface StartRecord {
  type: 'start'
  floor?: number
  [setting: string]: unknown
}

/** A perplexity of the training text. */
export interface TrainRecord {
  type: 'train'
  /** Counted from 1. */
  epoch: number
  /** Number of iterations done over the whole run. */
  iteration: number
  perplexity: number
  wordsPerSecond: number
  /** Seconds spent in iterations since the start of the run. */
  seconds: number
  /** The learning rate. */
  lr?: number
}

/** A perplexity of the held-out text. */
export interface ValidRecord {
  type: 'valid'
  epoch: number
  iteration: number
  perplexity: number
}

/** The result of the run. */
interface EndRecord {
  type: 'end'
  perplexity: number
  floor?: number
  /** The perplexity with the weights of the best epoch. */
  testPerplexity?: number
  /** The number of test tokens scored. */
  testTokens?: number
}

export type LogRecord = StartRecord | TrainRecord | ValidRecord | EndRecord

export interface Log {
  /** Appends one line immediately. If that fails, nothing of it is kept. */
  write(record: LogRecord): void
  /** Number of bytes written. */
  readonly size: number
  close(): void
}

/**
 * Opens the log at `path`.
 * @param keep number of bytes to keep of an existing log when a run is resumed; 0 for a new log
 * @throws an error that names the path and the reason
 */
export function openLog(path: string, keep = 0): Log {
  const attempt = <Result>(action: () => Result): Result => {
    try {
      return action()
    } catch (cause) {
      throw fileError('write', path, cause)
    }
  }
  const file = attempt(() => {
    makeFolder(dirname(path))
    const file = openSync(path, 'a')
    shorten(file, keep)
    return file
  })
  return {
    write: (record) =>
      attempt(() => {
        const { size } = fstatSync(file)
        try {
          writeFileSync(file, `${JSON.stringify(record)}\n`)
        } catch (error) {
          shorten(file, size)
          throw error
        }
      }),
    get size() {
      return attempt(() => fstatSync(file).size)
    },
    close: () => attempt(() => closeSync(file)),
  }
}

/** Truncates a file to `size`. Does nothing for devices and pipes. */
function shorten(file: number, size: number): void {
  if (fstatSync(file).size > size) ftruncateSync(file, size)
}

/**
 * The records of the log at `path`. An incomplete last line, as left by a killed run, is ignored.
 * @throws an error that names the path and, if a line is not a record, the line
 */
export function readLog(path: string): LogRecord[] {
  try {
    const lines = decodeBytes(readFileSync(path)).split('\n')
    const unfinished = lines.pop()!
    if (parseJson(unfinished) !== undefined) lines.push(unfinished)
    if (lines.length === 0) throw rangeError('log', 'records', 'at least one', lines)
    return lines.map((line, index) => parseRecord(line, `line ${index + 1}`))
  } catch (cause) {
    throw fileError('read', path, cause)
  }
}

const COUNTS = ['epoch', 'iteration']

/** The non-negative numbers that each type of record requires, besides its counts. */
const NUMBERS = new Map<unknown, readonly string[]>([
  ['start', []],
  ['train', [...COUNTS, 'perplexity', 'wordsPerSecond', 'seconds']],
  ['valid', [...COUNTS, 'perplexity']],
  ['end', ['perplexity']],
])

function parseRecord(line: string, place: string): LogRecord {
  const record = parseJson(line)
  if (!isObject(record)) throw rangeError(place, 'record', 'a JSON object', line)
  const names = NUMBERS.get(record.type)
  if (!names) throw rangeError(place, 'type', '"start", "train", "valid" or "end"', record.type)
  for (const name of names) {
    if (COUNTS.includes(name)) checkInteger(place, name, record[name])
    else if (record[name] === null) record[name] = Number.NaN
    else checkNumber(place, name, record[name], 0)
  }
  if (record.floor !== undefined) checkNumber(place, 'floor', record.floor, 1)
  return record as unknown as LogRecord
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
