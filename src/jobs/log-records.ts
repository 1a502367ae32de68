/**
 * Training logs: one JSON object a line, first what the run is, then each perplexity as it is measured, then the result.
 * A number that JSON cannot hold (NaN, infinity) is written as null and read back as NaN.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { checkInteger, checkNumber } from '../checks.ts'
import { rangeError } from '../errors.ts'
import { decodeBytes } from '../files/encodings.ts'
import { fileError } from '../files/file-error.ts'
import { makeFolder } from '../files/whole-file.ts'

/** What the run is: its settings by name, and the perplexity floor of the held-out text where that is known. */
export interface StartRecord {
  type: 'start'
  floor?: number
  [setting: string]: unknown
}

/** A perplexity of the training text. */
export interface TrainRecord {
  type: 'train'
  /** Counted from 1. */
  epoch: number
  /** Iterations done, counted over the whole run. */
  iteration: number
  perplexity: number
  wordsPerSecond: number
  /** Spent in iterations since the run started. */
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
export interface EndRecord {
  type: 'end'
  perplexity: number
  floor?: number
  /** With the weights of the best epoch. */
  testPerplexity?: number
  /** How many tokens of the test text were scored. */
  testTokens?: number
}

export type LogRecord = StartRecord | TrainRecord | ValidRecord | EndRecord

export interface Log {
  /** Appends one line, at once; where that fails, nothing of it stays. */
  write(record: LogRecord): void
  /** Bytes so far. */
  readonly size: number
  close(): void
}

/**
 * Opens the log at `path`; errors name the path and the reason.
 * @param keep bytes that stay of a log that stands there, when a run goes on from an earlier time; 0 for a new log
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

/** Cuts off what a file has beyond `size`; devices and pipes have nothing. */
function shorten(file: number, size: number): void {
  if (fstatSync(file).size > size) ftruncateSync(file, size)
}

/**
 * The records of the log at `path`. A last line that was cut off, as a killed run leaves it, is passed over.
 * @throws an error that names the path, and the line where it is one that is no record.
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

/** The numbers of at least 0 that each kind of record must have, besides its counts from 1. */
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

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
