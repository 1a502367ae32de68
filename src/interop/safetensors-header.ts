/**
 * The head of a safetensors file: 8 bytes that give the length of the header (little-endian), then the header, a JSON
 * object in UTF-8 that ends in spaces, so that the data begins at a multiple of 8 bytes:
 *
 *     { "__metadata__": { name: string, … }, name: { "dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24] }, … }
 *
 * Offsets count from the start of the data, which the tensors fill without gap or overlap.
 *
 * Checksum: a header that this package writes begins with the metadata `crc32`, eight hexadecimal digits: the CRC-32 of
 * the whole file, taken with zeros for these digits.
 */
import { rangeError, show, typeError } from '../errors.ts'
import type { DType, Shape } from '../tensor/index.ts'
import { sizeOf } from '../tensor/shape.ts'
import { ELEMENT_TYPES, type ElementType } from './element-types.ts'

export interface Entry {
  name: string
  dtype: ElementType
  shape: Shape
  /** Bytes from the start of the data to the first byte, and to the first after the last. */
  begin: number
  end: number
}

export interface Header {
  metadata: Record<string, string>
  /** In the order of the data. */
  entries: Entry[]
}

export const LENGTH_BYTES = 8

/** Longer headers are refused, as the format's own reader does. */
export const LONGEST_HEADER = 100_000_000

const METADATA = '__metadata__'
const CHECKSUM = 'crc32'
const NO_CHECKSUM = '00000000'
const BEFORE_CHECKSUM = `{"${METADATA}":{"${CHECKSUM}":"`
const CHECKSUM_BEGIN = LENGTH_BYTES + BEFORE_CHECKSUM.length
const CHECKSUM_END = CHECKSUM_BEGIN + NO_CHECKSUM.length

/**
 * The head of a file that holds `tensors` in this order, with zeros for the checksum.
 * @throws TypeError or RangeError that names `operation` and the tensor or metadata that has no place in a header
 */
export function encodeHead(
  operation: string,
  tensors: ReadonlyMap<string, { dtype: DType; shape: Shape; size: number }>,
  metadata: Readonly<Record<string, string>>,
): Buffer {
  if (!isObject(metadata)) throw typeError(operation, 'metadata', 'an object of strings', metadata)
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

/** Written by hand, because the names of a JavaScript object do not keep their order where they look like integers. */
function jsonObject(fields: readonly [name: string, json: string][]): string {
  return `{${fields.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join()}}`
}

export function writeChecksum(head: Buffer, checksum: number): void {
  head.write(digitsOf(checksum), CHECKSUM_BEGIN, 'latin1')
}

/** Returns the checksum's digits and puts zeros in their place; undefined in a file of another program. */
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
  let text: string
  let value: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    value = JSON.parse(text)
  } catch (cause) {
    throw new Error('its header is not JSON', { cause })
  }
  if (!isObject(value)) throw typeError('header', 'JSON', 'an object', value)
  checkNamesDiffer(text)
  return value
}

/** JSON.parse keeps the last of two fields of one name and drops the first. The text must be valid JSON. */
function checkNamesDiffer(text: string): void {
  const open: Set<string>[] = []
  let isInString = false
  let begin = 0
  let end = 0
  for (const { 0: token, index } of text.matchAll(/\\.|["{}:]/g)) {
    if (token === '"') {
      isInString = !isInString
      if (isInString) begin = index
      else end = index + 1
    } else if (isInString) {
    } else if (token === '{') {
      open.push(new Set())
    } else if (token === '}') {
      open.pop()
    } else {
      const name: string = JSON.parse(text.slice(begin, end))
      const names = open.at(-1)!
      if (names.has(name)) throw rangeError('header', 'names', 'each only once', name)
      names.add(name)
    }
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

/** @param entries sorted by their places */
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

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
