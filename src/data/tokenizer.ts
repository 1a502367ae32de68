/**
 * Splits UTF-8 text into tokens without creating strings. A line ends at `\n`, `\r\n` or `\r`.
 *
 * - In word mode, tokens are separated by white space (as matched by `\s`). Each line is a sentence and ends with the
 *   token `<eos>`. Blank lines are skipped. If the text itself contains `<eos>`, it ends the sentence and a line end
 *   directly after it is ignored.
 * - In character mode, tokens are Unicode code points, including spaces. Each line end is `<eos>`, even that of a blank
 *   line.
 */
import { IdList } from './id-list.ts'

/** The unit of tokens. */
export const UNITS = ['word', 'character'] as const
export type Unit = (typeof UNITS)[number]

export const END_OF_SENTENCE = '<eos>'
export const UNKNOWN = '<unk>'

/** Returns the id of the token from `start` to `end`. */
export type IdOf = (bytes: Buffer, start: number, end: number) => number

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const SPACE = 0x20
const EOS = Buffer.from(END_OF_SENTENCE)

export class Tokenizer {
  readonly #unit: Unit
  readonly #idOf: IdOf
  readonly #limit: number
  readonly #ids = new IdList()
  #line = 1
  #isInSentence = false
  #lastByte = 0

  /** @param limit maximum number of tokens */
  constructor(unit: Unit, idOf: IdOf, limit = Infinity) {
    this.#unit = unit
    this.#idOf = idOf
    this.#limit = limit
  }

  /** The number of the current line, from 1. */
  get line(): number {
    return this.#line
  }

  get isFull(): boolean {
    return this.#ids.length >= this.#limit
  }

  /** Reads a piece of the text that ends at a token boundary. */
  write(bytes: Buffer): void {
    if (this.#unit === 'word') this.#readWords(bytes)
    else this.#readCharacters(bytes)
    this.#lastByte = bytes.at(-1) ?? this.#lastByte
  }

  /** Ends a last line without line end. */
  end(): void {
    if (this.#isInSentence) this.#endSentence()
  }

  /** Returns the ids read so far and clears them. */
  takeIds(): Int32Array {
    return this.#ids.toArray()
  }

  #readWords(bytes: Buffer): void {
    let start = 0
    let i = 0
    while (i < bytes.length) {
      const byte = bytes[i]!
      const spaceBytes = byte > SPACE && byte < 0x80 ? 0 : whiteSpaceAt(bytes, i)
      if (spaceBytes > 0) {
        if (start < i) this.#readWord(bytes, start, i)
        this.#readLineEnd(bytes, i)
        start = i + spaceBytes
      }
      i += spaceBytes || 1
    }
    if (start < i) this.#readWord(bytes, start, i)
  }

  #readWord(bytes: Buffer, start: number, end: number): void {
    if (isEndOfSentence(bytes, start, end)) {
      if (this.#isInSentence) this.#endSentence()
    } else {
      this.#push(bytes, start, end)
      this.#isInSentence = true
    }
  }

  #readCharacters(bytes: Buffer): void {
    let i = 0
    while (i < bytes.length) {
      const byte = bytes[i]!
      const end = i + characterBytes(byte)
      if (byte > CARRIAGE_RETURN || !this.#readLineEnd(bytes, i)) {
        this.#push(bytes, i, end)
        this.#isInSentence = true
      }
      i = end
    }
  }

  /** Whether there is a line end, or the second half of one, at `place`. */
  #readLineEnd(bytes: Buffer, place: number): boolean {
    const byte = bytes[place]
    if (byte !== LINE_FEED && byte !== CARRIAGE_RETURN) return false
    const before = place > 0 ? bytes[place - 1] : this.#lastByte
    if (byte === LINE_FEED && before === CARRIAGE_RETURN) return true
    if (this.#isInSentence || this.#unit === 'character') this.#endSentence()
    this.#line++
    return true
  }

  #endSentence(): void {
    this.#push(EOS, 0, EOS.length)
    this.#isInSentence = false
  }

  #push(bytes: Buffer, start: number, end: number): void {
    if (!this.isFull) this.#ids.push(this.#idOf(bytes, start, end))
  }
}

function isEndOfSentence(bytes: Buffer, start: number, end: number): boolean {
  return (
    end - start === EOS.length &&
    bytes[start] === EOS[0] &&
    bytes.compare(EOS, 0, EOS.length, start, end) === 0
  )
}

/** The length of a UTF-8 character whose first byte is `byte`. */
export function characterBytes(byte: number): number {
  if (byte < 0xc0) return 1
  if (byte < 0xe0) return 2
  return byte < 0xf0 ? 3 : 4
}

/** The length of the white space character at `place`, or 0. */
function whiteSpaceAt(bytes: Buffer, place: number): number {
  const byte = bytes[place]!
  if (byte < 0x80) return isAsciiSpace(byte) ? 1 : 0
  switch (byte) {
    case 0xc2:
      return bytes[place + 1] === 0xa0 ? 2 : 0
    case 0xe1:
    case 0xe2:
    case 0xe3:
    case 0xef:
      return isWideSpace(
        ((byte & 0xf) << 12) | ((bytes[place + 1]! & 0x3f) << 6) | (bytes[place + 2]! & 0x3f),
      )
        ? 3
        : 0
    default:
      return 0
  }
}

export function isAsciiSpace(byte: number): boolean {
  return byte === SPACE || (byte >= 0x09 && byte <= 0x0d)
}

/** White space characters from U+1000 on. */
function isWideSpace(codePoint: number): boolean {
  return (
    (codePoint >= 0x2000 && codePoint <= 0x200a) ||
    [0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000, 0xfeff].includes(codePoint)
  )
}
