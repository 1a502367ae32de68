/**
 * Text files as ids: read in chunks, so that a text may be larger than memory. `tokenizer.ts` says what the tokens are.
 *
 * Memory: 4 bytes a token, the different words, and about 6 MB.
 */
import { createReadStream } from 'node:fs'
import { checkInteger, checkNoOthers, checkOptions, fileError, rangeError, typeError } from '../errors.ts'
import { keepFrequentWords, type VocabularyLimits } from './frequent-words.ts'
import { type Chunks, findFault, textBlocks } from './text-blocks.ts'
import { Tokenizer, type Unit } from './tokenizer.ts'
import { checkUnit, LARGEST_VOCABULARY, Vocabulary } from './vocabulary.ts'
import { WordTable } from './word-table.ts'

export interface TextCorpus {
  /** The ids of the tokens in the order of the text. */
  corpus: Int32Array
  wordToId: Map<string, number>
  idToWord: string[]
  /** The same words as in `wordToId` and `idToWord`. */
  vocabulary: Vocabulary
}

/** With `minCount` or `maxVocabSize` the vocabulary has `<unk>`, for the other words of this text and of any other. */
export interface TextOptions extends VocabularyLimits {
  /** What the tokens are. Default: that of `vocabulary`, else `word`. */
  unit?: Unit
  /** A vocabulary that stays as it is: other words become `<unk>`, or are refused where it has none. */
  vocabulary?: Vocabulary
  /** Read only so many tokens from the beginning. */
  limit?: number
}

const BYTE_ORDER_MARK = Buffer.from('\uFEFF')

/**
 * Reads a text file in UTF-8. Ids are given in order of first appearance, so the words of
 * `corpus.subarray(0, n)` have the ids 0 … max without a gap; a vocabulary that is given keeps its own.
 *
 * Throws an error that names the path and the reason: the file is missing, is a folder, has no tokens, has
 * invalid UTF-8 or a NUL byte (at which byte, in which line), has more than 1 MiB without white space, has a word that
 * the given vocabulary lacks (in which line), or more different words than a vocabulary can have (2²⁴).
 */
export async function loadText(path: string, options: TextOptions = {}): Promise<TextCorpus> {
  if (typeof path !== 'string') throw typeError('loadText', 'path', 'the path of a text file', path)
  checkTextOptions('loadText', options)
  try {
    const text = await encodeText(createReadStream(path), options)
    if (text.corpus.length === 0) throw new Error('the file is empty or has only white space')
    return text
  } catch (cause) {
    throw fileError('read', path, cause)
  }
}

/** Throws an error that names the option that does not fit. */
export function checkTextOptions(operation: string, options: TextOptions): void {
  const { unit, vocabulary, minCount, maxVocabSize, limit, ...others } = checkOptions(operation, options)
  checkNoOthers(operation, others)
  if (unit !== undefined) checkUnit(operation, unit)
  if (minCount !== undefined) checkInteger(operation, 'minCount', minCount)
  if (maxVocabSize !== undefined) checkInteger(operation, 'maxVocabSize', maxVocabSize, 3)
  if (limit !== undefined) checkInteger(operation, 'limit', limit)
  if (vocabulary === undefined) return
  if (!(vocabulary instanceof Vocabulary)) {
    throw typeError(operation, 'vocabulary', 'a Vocabulary', vocabulary)
  }
  if (unit !== undefined && unit !== vocabulary.unit) {
    throw rangeError(operation, 'unit', `that of the vocabulary, '${vocabulary.unit}'`, unit)
  }
  for (const [name, value] of Object.entries({ minCount, maxVocabSize })) {
    if (value !== undefined) throw rangeError(operation, name, 'nothing, since vocabulary is given', value)
  }
}

/**
 * Reads a text that comes as UTF-8 in chunks of any size, cut at any byte; the end of the text ends its last line.
 * Throws for the same reasons as `loadText`, but for an empty text.
 */
export async function encodeText(chunks: Chunks, options: TextOptions = {}): Promise<TextCorpus> {
  const { vocabulary, limit } = options
  if (vocabulary !== undefined) {
    const tokenizer = vocabulary.tokenizer((line) => `line ${line}`, limit)
    return textCorpus(await readTokens(chunks, vocabulary.unit, tokenizer), vocabulary)
  }
  const { unit = 'word', minCount, maxVocabSize } = options
  const table = new WordTable()
  const tokenizer = new Tokenizer(unit, (bytes, start, end) => table.add(bytes, start, end), limit)
  const ids = await readTokens(chunks, unit, tokenizer)
  const isLimited = minCount !== undefined || maxVocabSize !== undefined
  const words = isLimited ? keepFrequentWords(ids, table, options) : allWords(table)
  return textCorpus(ids, new Vocabulary(words, unit))
}

async function readTokens(chunks: Chunks, unit: Unit, tokenizer: Tokenizer): Promise<Int32Array> {
  let offset = 0
  for await (const block of textBlocks(chunks, unit)) {
    const hasMark = offset === 0 && block.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)
    const fault = findFault(block)
    tokenizer.write(block.subarray(hasMark ? BYTE_ORDER_MARK.length : 0, fault?.place))
    if (tokenizer.isFull) break
    if (fault) throw new Error(`${fault.what} at byte ${offset + fault.place}, line ${tokenizer.line}`)
    offset += block.length
  }
  tokenizer.end()
  return tokenizer.takeIds()
}

function allWords(table: WordTable): string[] {
  if (table.size > LARGEST_VOCABULARY) {
    throw new Error(
      `more than ${LARGEST_VOCABULARY} different words: minCount or maxVocabSize leaves out the rare ones`,
    )
  }
  return Array.from({ length: table.size }, (_, id) => table.wordOf(id))
}

function textCorpus(corpus: Int32Array, vocabulary: Vocabulary): TextCorpus {
  return { corpus, wordToId: vocabulary.wordToId, idToWord: vocabulary.idToWord, vocabulary }
}
