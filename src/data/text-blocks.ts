/**
 * Re-cuts a stream of arbitrary chunks into blocks that end at token boundaries. Holds one block and one chunk at a
 * time.
 */
import { isUtf8 } from 'node:buffer'
import { type Chunks, decodeText, remedyFor } from '../files/encodings.ts'
import { type Pieces, ranges } from '../pace.ts'
import { characterBytes, isAsciiSpace, type Tokenizer, type Unit } from './tokenizer.ts'

const BLOCK_BYTES = 2 ** 16
const LONGEST_WORD_BYTES = 2 ** 20
const LONGEST_CHARACTER_BYTES = 4

/** Throws if a word is longer than 1 MiB. */
export async function* textBlocks(chunks: Chunks, unit: Unit): AsyncGenerator<Buffer> {
  const border = unit === 'word' ? afterLastSpace : afterLastCharacter
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of decodeText(chunks)) {
    for (let start = 0; start < chunk.length; start += BLOCK_BYTES) {
      const piece = Buffer.concat([rest, chunk.subarray(start, start + BLOCK_BYTES)])
      const end = border(piece)
      if (end > 0) yield piece.subarray(0, end)
      rest = piece.subarray(end)
      if (rest.length > LONGEST_WORD_BYTES) {
        throw new Error(
          `more than ${LONGEST_WORD_BYTES} bytes without white space; use unit 'character' if the text has no words`,
        )
      }
    }
  }
  if (rest.length > 0) yield rest
}

/** Reads a text that is in memory, in pieces. */
export function* readInPieces(tokenizer: Tokenizer, bytes: Buffer, unit: Unit): Pieces<void> {
  const border = unit === 'word' ? afterLastSpace : afterLastCharacter
  let start = 0
  for (const [from, to] of ranges(bytes.length)) {
    const found = border(bytes.subarray(from, to))
    const end = to === bytes.length ? to : found > 0 ? from + found : start
    if (end > start) tokenizer.write(bytes.subarray(start, end))
    start = end
    yield
  }
}

/** ASCII white space only, whose bytes never occur inside other characters. */
function afterLastSpace(bytes: Buffer): number {
  return bytes.findLastIndex(isAsciiSpace) + 1
}

function afterLastCharacter(bytes: Buffer): number {
  for (let place = bytes.length - 1; place >= Math.max(0, bytes.length - LONGEST_CHARACTER_BYTES); place--) {
    const isContinuation = (bytes[place]! & 0xc0) === 0x80
    if (!isContinuation) return place + characterBytes(bytes[place]!) > bytes.length ? place : bytes.length
  }
  return bytes.length
}

interface Fault {
  place: number
  what: string
  /** How the user can fix it. */
  remedy: string
}

/** The first invalid byte sequence or NUL byte in a block. */
export function findFault(block: Buffer): Fault | undefined {
  const zero = block.indexOf(0)
  const text = zero < 0 ? block : block.subarray(0, zero)
  if (!isUtf8(text)) {
    const place = firstInvalidByte(text)
    const remedy = remedyFor(block.subarray(0, place), block.subarray(place))
    return { place, what: 'invalid UTF-8', remedy }
  }
  if (zero < 0) return undefined
  return { place: zero, what: 'a NUL byte, which text does not have,', remedy: 'it looks like a binary file' }
}

/**
 * The start of the first invalid sequence, found as the first difference from the repaired text; `bytes.length` if
 * there is none.
 */
export function firstInvalidByte(bytes: Buffer): number {
  const repaired = Buffer.from(bytes.toString())
  let index = 0
  while (index < bytes.length && repaired[index] === bytes[index]) index++
  while ((repaired[index]! & 0xc0) === 0x80) index--
  return index
}
