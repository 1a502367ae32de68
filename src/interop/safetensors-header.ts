/**
 * The head of a safetensors file: the length of the header in 8 bytes (little-endian), then the header, a UTF-8 JSON
 * object padded with spaces so that the data begins at a multiple of 8 bytes:
 *
 *     { "__metadata__": { name: string, … }, name: { "dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24] }, … }
 *
 * Offsets count from the start of the data. Tensors fill the data without gaps or overlaps.
 *
 * Checksum: headers written by this package begin with the metadata `crc32`, eight hexadecimal digits: the CRC-32 of
 * the whole file, computed with zeros in place of these digits.
 */
import { isObject } from '../checks.ts'
import { rangeError, show, typeError } from '../errors.ts'
import type { DType, Shape } from '../tensor/index.ts'
import { sizeOf } from '../tensor/shape.ts'
import { ELEMENT_TYPES, type ElementType } from './element-types.ts'

export interface Entry {
  name: string
  dtype: ElementType
  shape: Shape
  /** Offsets of the first byte and of the end, from the start of the data. */
  begin: number
  end: number
}

export interface Header {
  metadata: Record<string, string>
  /** In the order of the data. */
  entries: Entry[]
}

export const LENGTH_BYTES = 8

/** Longer headers are rejected, as in the reference implementation. */
export const LONGEST_HEADER = 100_000_000

/** About ten times the number of tensors in the largest published files. */
const MOST_TENSORS = 2 ** 16
const TOO_MUCH = `at most ${MOST_TENSORS} tensors`
/** Maximum number of names in a header; a tensor has four. */
const MOST_NAMES = 8 * MOST_TENSORS
/** Maximum number of bytes of a header outside strings; a tensor has about 50. */
const MOST_STRUCTURE = 128 * MOST_TENSORS
/** Nesting depth: header, tensor, shape. */
const DEEPEST = 3

const NO_JSON = 'its header is not JSON'
const [LINE_FEED, SPACE, QUOTE, COLON] = [0x0a, 0x20, 0x22, 0x3a]
const [OPEN_BRACKET, BACKSLASH, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [0x5b, 0x5c, 0x5d, 0x7b, 0x7d]

const METADATA = '__metadata__'
const CHECKSUM = 'crc32'
const NO_CHECKSUM = '00000000'
const BEFORE_CHECKSUM = `{"${METADATA}":{"${CHECKSUM}":"`
const CHECKSUM_BEGIN = LENGTH_BYTES + BEFORE_CHECKSUM.length
const CHECKSUM_END = CHECKSUM_BEGIN + NO_CHECKSUM.length

/**
 * The head of a file that contains `tensors` in this order, with zeros as the checksum.
 * @throws {TypeError | RangeError} naming `operation` and the tensor or metadata that cannot be stored
 */
export function encodeHead(
  operation: string,
  tensors: ReadonlyMap<string, { dtype: DType; shape: Shape; size: number }>,
  metadata: Readonly<Record<string, string>>,
): Buffer {
  if (!isObject(metadata)) throw typeError(operation, 'metadata', 'an object of strings', metadata)
  if (tensors.size > MOST_TENSORS) throw rangeError(operation, 'tensors', TOO_MUCH, tensors.size)
  const notes: [string, string][] = [[CHECKSUM, NO_CHECKSUM]]
  for (const [name, value] of Object.entries(metadata)) {
    if (typeof value !== 'string') throw typeError(operation, `metadata ${show(name)}`, 'a string', value)
    if (name === CHECKSUM) throw rangeError(operation, 'metadata', `another name than "${CHECKSUM}"`, name)
    notes.push([name, value])
  }
  const fields: [string, string][] = [
    [METADATA, jsonObject(notes.map(([name, value]) => [name, JSON.stringify(value)]))],
  ]
  let begin = 0
  for (const [name, { dtype, shape, size }] of tensors) {
    if (name === METADATA) throw rangeError(operation, 'tensors', `another name than "${METADATA}"`, name)
    const type: ElementType = dtype === 'int32' ? 'I32' : 'F32'
    const end = begin + size * ELEMENT_TYPES[type].bytes
    fields.push([name, JSON.stringify({ dtype: type, shape, data_offsets: [begin, end] })])
    begin = end
  }
  const text = Buffer.from(jsonObject(fields))
  const head = Buffer.alloc(Math.ceil((LENGTH_BYTES + text.length) / 8) * 8, ' ')
  const length = head.length - LENGTH_BYTES
  if (length > LONGEST_HEADER) {
    throw rangeError(operation, 'metadata, names', `at most ${LONGEST_HEADER} bytes as JSON`, length)
  }
  head.writeBigUInt64LE(BigInt(length))
  head.set(text, LENGTH_BYTES)
  return head
}

/** Serialized manually, because JavaScript objects reorder names that look like integers. */
function jsonObject(fields: readonly [name: string, json: string][]): string {
  return `{${fields.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join()}}`
}

export function writeChecksum(head: Buffer, checksum: number): void {
  head.write(digitsOf(checksum), CHECKSUM_BEGIN, 'latin1')
}

/** Returns the digits of the checksum and replaces them with zeros; undefined for a file of another program. */
export function takeChecksum(head: Buffer): string | undefined {
  if (head.toString('latin1', LENGTH_BYTES, CHECKSUM_BEGIN) !== BEFORE_CHECKSUM) return undefined
  const digits = head.toString('latin1', CHECKSUM_BEGIN, CHECKSUM_END)
  head.fill('0', CHECKSUM_BEGIN, CHECKSUM_END)
  return digits
}

export function digitsOf(checksum: number): string {
  return checksum.toString(16).padStart(NO_CHECKSUM.length, '0')
}

/**
 * Reads and checks the header of a file with `dataSize` bytes of data.
 * @throws an error that names the tensor or metadata and what is wrong with it
 */
export function decodeHeader(bytes: Uint8Array, dataSize: number): Header {
  const fields = parseObject(bytes)
  const metadata = fields[METADATA] ?? {}
  if (!isObject(metadata)) throw typeError('header', METADATA, 'an object', metadata)
  for (const [name, value] of Object.entries(metadata)) {
    if (typeof value !== 'string') throw typeError('header', `${METADATA} ${show(name)}`, 'a string', value)
  }
  const entries = Object.entries(fields)
    .filter(([name]) => name !== METADATA)
    .map(([name, field]) => decodeEntry(name, field))
    .sort((a, b) => a.begin - b.begin || a.end - b.end)
  checkCoverage(entries, dataSize)
  return { metadata: metadata as Record<string, string>, entries }
}

function parseObject(bytes: Uint8Array): Record<string, unknown> {
  checkStructure(bytes)
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch (cause) {
    throw new Error(NO_JSON, { cause })
  }
  if (!isObject(value)) throw typeError('header', 'JSON', 'an object', value)
  return value
}

/**
 * Scans the header before parsing it. Rejects more names or deeper nesting than a header can need, which would take
 * many times its size in memory, and duplicate names, of which JSON.parse drops the first.
 */
function checkStructure(bytes: Uint8Array): void {
  const decoder = new TextDecoder()
  const open: Set<string>[] = []
  let structure = 0
  let names = 0
  let begin = 0
  let end = 0
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!
    if (byte === SPACE || byte === LINE_FEED) continue
    if (++structure > MOST_STRUCTURE) throw rangeError('header', 'JSON', TOO_MUCH, structure)
    if (byte === QUOTE) {
      begin = i++
      while (i < bytes.length && bytes[i] !== QUOTE) i += bytes[i] === BACKSLASH ? 2 : 1
      end = i + 1
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      open.push(new Set())
      if (open.length > DEEPEST) throw rangeError('header', 'JSON', `at most ${DEEPEST} levels`, open.length)
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      open.pop()
    } else if (byte === COLON) {
      if (++names > MOST_NAMES) throw rangeError('header', 'names', TOO_MUCH, names)
      const name = parseName(decoder.decode(bytes.subarray(begin, end)))
      const others = open.at(-1)
      if (others?.has(name)) throw rangeError('header', 'names', 'each only once', name)
      others?.add(name)
    }
  }
}

function parseName(json: string): string {
  try {
    return JSON.parse(json)
  } catch (cause) {
    throw new Error(NO_JSON, { cause })
  }
}

function decodeEntry(name: string, field: unknown): Entry {
  const place = `tensor ${show(name)}`
  if (!isObject(field)) throw typeError(place, 'entry', 'an object', field)
  const { dtype, shape, data_offsets: offsets } = field
  if (typeof dtype !== 'string' || !Object.hasOwn(ELEMENT_TYPES, dtype)) {
    throw rangeError(place, 'dtype', `one of ${Object.keys(ELEMENT_TYPES).join(', ')}`, dtype)
  }
  if (!isSizes(shape)) throw rangeError(place, 'shape', 'an array of integers of at least 0', shape)
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!) {
    throw rangeError(place, 'data_offsets', 'begin ≤ end, integers of at least 0', offsets)
  }
  const [begin, end] = offsets as [number, number]
  const bytes = sizeOf(shape) * ELEMENT_TYPES[dtype as ElementType].bytes
  if (bytes !== end - begin) {
    throw rangeError(
      place,
      'data_offsets',
      `${bytes} bytes for the shape ${show(shape)} of ${dtype}`,
      offsets,
    )
  }
  return { name, dtype: dtype as ElementType, shape, begin, end }
}

/** @param entries sorted by offset */
function checkCoverage(entries: readonly Entry[], dataSize: number): void {
  let end = 0
  for (const entry of entries) {
    if (entry.begin !== end) {
      const problem =
        entry.begin < end ? 'overlaps the tensor before' : 'leaves a gap after the tensor before'
      throw new Error(
        `tensor ${show(entry.name)} ${problem}: it begins at byte ${entry.begin} of the data instead of ${end}`,
      )
    }
    end = entry.end
  }
  if (end > dataSize) throw new Error(`it is cut off: ${dataSize} of ${end} bytes of data are there`)
  if (end < dataSize) throw new Error(`${dataSize - end} bytes at its end belong to no tensor`)
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0)
}
