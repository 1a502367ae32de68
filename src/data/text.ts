/**
 * Text as a sequence of word ids. Words are separated by white space (what `\s` matches, so a byte order mark
 * is skipped too) and kept as they are written; a line is a sentence and ends with the word `<eos>`.
 *
 * - A line ends at `\n`, `\r\n` or `\r`; the end of the text ends the last one.
 * - A blank line is no sentence and adds nothing.
 * - A word `<eos>` in the text itself ends its sentence; the line end after it adds no second one.
 */
import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { fileError, typeError } from '../errors.ts'
import { Vocabulary } from './vocabulary.ts'

export interface TextCorpus {
  /** The ids of the words in the order of the text. */
  corpus: Int32Array
  wordToId: Map<string, number>
  idToWord: string[]
}

const END_OF_SENTENCE = '<eos>'
const WORD_OR_LINE_END = /[\r\n]|\S+/g
const BLOCK_BYTES = 2 ** 16
const LONGEST_WORD_BYTES = 2 ** 20
const LARGEST_TEXT_BYTES = 2 ** 30

/**
 * Reads a text file in UTF-8. Ids are given in order of first appearance, so the words of
 * `corpus.subarray(0, n)` have the ids 0 … max without a gap.
 *
 * Throws an error that names the path and the reason: the file is missing, is a folder, has no words, has
 * invalid UTF-8 (at which byte), is larger than 1 GiB, or has more than 1 MiB without white space.
 */
export async function loadText(path: string): Promise<TextCorpus> {
  if (typeof path !== 'string') throw typeError('loadText', 'path', 'the path of a text file', path)
  const vocabulary = new Vocabulary()
  try {
    checkTextSize((await stat(path)).size)
    const corpus = await encodeText(createReadStream(path), (word) => vocabulary.add(word))
    if (corpus.length === 0) throw new Error('the file is empty or has only white space')
    return { corpus, wordToId: vocabulary.wordToId, idToWord: vocabulary.idToWord }
  } catch (cause) {
    throw fileError('read', path, cause)
  }
}

/**
 * The ids that `idOf` gives to the words of a text. The text comes as UTF-8 in chunks of any size, cut at any
 * byte; only one block of it is held at a time. Throws for the same reasons as `loadText`, but for an empty
 * text.
 */
export async function encodeText(
  chunks: Iterable<Buffer> | AsyncIterable<Buffer>,
  idOf: (word: string) => number,
): Promise<Int32Array> {
  let ids = new Int32Array(BLOCK_BYTES)
  let count = 0
  const append = (id: number) => {
    if (count === ids.length) {
      const larger = new Int32Array(2 * count)
      larger.set(ids)
      ids = larger
    }
    ids[count++] = id
  }
  let offset = 0
  let inSentence = false
  const endSentence = () => {
    if (inSentence) append(idOf(END_OF_SENTENCE))
    inSentence = false
  }
  for await (const block of blocksOfWholeWords(chunks)) {
    if (!isUtf8(block)) throw new Error(`invalid UTF-8 at byte ${offset + firstInvalidByte(block)}`)
    offset += block.length
    checkTextSize(offset)
    for (const token of block.toString().match(WORD_OR_LINE_END) ?? []) {
      if (token === '\n' || token === '\r' || token === END_OF_SENTENCE) {
        endSentence()
      } else {
        append(idOf(token))
        inSentence = true
      }
    }
  }
  endSentence()
  return ids.slice(0, count)
}

/** Cuts at ASCII white space only: its bytes are never a part of another character. */
async function* blocksOfWholeWords(chunks: Iterable<Buffer> | AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.length; start += BLOCK_BYTES) {
      const piece = chunk.subarray(start, start + BLOCK_BYTES)
      const end = piece.findLastIndex(isAsciiSpace) + 1
      if (end > 0) yield Buffer.concat([rest, piece.subarray(0, end)])
      rest = end > 0 ? piece.subarray(end) : Buffer.concat([rest, piece])
      if (rest.length > LONGEST_WORD_BYTES) {
        throw new Error(
          `more than ${LONGEST_WORD_BYTES} bytes without white space: it does not look like text`,
        )
      }
    }
  }
  yield rest
}

function isAsciiSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)
}

function checkTextSize(bytes: number): void {
  if (bytes > LARGEST_TEXT_BYTES) {
    throw new Error(`it is larger than ${LARGEST_TEXT_BYTES} bytes, the most that is read into memory`)
  }
}

/**
 * Where the first invalid sequence begins: the first character that differs once the text has been repaired.
 */
function firstInvalidByte(bytes: Buffer): number {
  const repaired = Buffer.from(bytes.toString())
  let index = 0
  while (repaired[index] === bytes[index]) index++
  while ((repaired[index]! & 0xc0) === 0x80) index--
  return index
}
