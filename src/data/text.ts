/**
 * Encodes text files as token ids. Files are read in chunks and may be larger than memory. See `tokenizer.ts` for the
 * definition of tokens.
 *
 * Memory: 4 bytes per token, the different words, and about 6 MB.
 */
import { addAbortSignal } from 'node:stream'
import { checkInteger, checkOptions, checkSignal } from '../checks.ts'
import { rangeError, typeError } from '../errors.ts'
import type { Chunks } from '../files/encodings.ts'
import { fileError } from '../files/file-error.ts'
import { inPieces, rest } from '../pace.ts'
import { keepFrequentWords, type VocabularyLimits } from './frequent-words.ts'
import { findFault, textBlocks } from './text-blocks.ts'
import { nameOfText, openText } from './text-source.ts'
import { END_OF_SENTENCE, Tokenizer, type Unit } from './tokenizer.ts'
import { checkUnit, LARGEST_VOCABULARY, Vocabulary } from './vocabulary.ts'
import { WordTable } from './word-table.ts'

export interface TextCorpus {
  /** Token ids in the order of the text. */
  corpus: Int32Array
  wordToId: Map<string, number>
  idToWord: string[]
  /** The words of `wordToId` and `idToWord` as a `Vocabulary`. */
  vocabulary: Vocabulary
}

export interface TextOptions extends VocabularyLimits {
  /** The unit of tokens. Defaults to that of `vocabulary`, or `word`. */
  unit?: Unit
  /** A fixed vocabulary. Other words become `<unk>`; they are errors if it has no `<unk>`. */
  vocabulary?: Vocabulary
  /** A vocabulary to extend. Its words keep their ids; new words of this text get the next ids. */
  base?: Vocabulary | undefined
  /** Reads only this many tokens from the beginning. */
  limit?: number
  /** Aborts reading; the promise rejects with the signal's reason. */
  signal?: AbortSignal | undefined
}

const BYTE_ORDER_MARK = Buffer.from('\uFEFF')

/** Returns the number of tokens at the beginning of a text that are used for training; the rest is held out. */
type TrainingSize = (ids: Int32Array, endOfSentence: number) => number

/** A text whose first `trainingSize` tokens are used for training. */
interface DividedText extends TextCorpus {
  trainingSize: number
}

/**
 * Reads a text file in UTF-8, or in UTF-16 with a byte order mark; gzip is supported. The path `-` is standard input.
 * Ids are assigned in order of first appearance, unless a vocabulary is given. The vocabulary contains `<eos>`. If
 * `minCount` or `maxVocabSize` is given, it also contains `<unk>`, for rare words and unknown words of other texts.
 * @throws an error that names the path and the reason: the file is missing, is a folder or has no tokens; it contains
 * invalid UTF-8 or a NUL byte (with byte and line), more than 1 MiB without white space, a word that the given
 * vocabulary lacks (with line), or more different words than a vocabulary can hold (2²⁴)
 */
export async function loadText(path: string, options: TextOptions = {}): Promise<TextCorpus> {
  if (typeof path !== 'string') throw typeError('loadText', 'path', 'the path of a text file', path)
  checkTextOptions('loadText', options)
  const { trainingSize: _, ...text } = await loadDividedText(path, options, ({ length }) => length)
  return text
}

/** As `loadText`, but builds the vocabulary from the training part only, whose size `divide` returns. */
export async function loadDividedText(
  path: string,
  options: TextOptions,
  divide: TrainingSize,
): Promise<DividedText> {
  try {
    const { signal } = options
    const input = openText(path)
    const text = await encodeText(signal ? addAbortSignal(signal, input) : input, options, divide)
    if (text.corpus.length === 0) throw new Error('the file is empty or has only white space')
    return text
  } catch (cause) {
    options.signal?.throwIfAborted()
    throw fileError('read', nameOfText(path), cause)
  }
}

export const TEXT_OPTIONS = [
  'unit',
  'vocabulary',
  'minCount',
  'maxVocabSize',
  'limit',
  'signal',
  'base',
] as const

/** Throws an error that names the first invalid option. */
export function checkTextOptions(operation: string, options: TextOptions): void {
  const { unit, vocabulary, minCount, maxVocabSize, limit, signal, base } = checkOptions(
    operation,
    options,
    TEXT_OPTIONS,
  )
  if (unit !== undefined) checkUnit(operation, unit)
  if (minCount !== undefined) checkInteger(operation, 'minCount', minCount)
  if (maxVocabSize !== undefined) checkInteger(operation, 'maxVocabSize', maxVocabSize, 3)
  if (limit !== undefined) checkInteger(operation, 'limit', limit)
  checkSignal(operation, signal)
  if (base !== undefined && !(base instanceof Vocabulary))
    throw typeError(operation, 'base', 'a Vocabulary', base)
  if (base !== undefined && unit !== undefined && unit !== base.unit)
    throw rangeError(operation, 'unit', `that of the base vocabulary, '${base.unit}'`, unit)
  if (vocabulary === undefined) return
  if (!(vocabulary instanceof Vocabulary)) {
    throw typeError(operation, 'vocabulary', 'a Vocabulary', vocabulary)
  }
  if (unit !== undefined && unit !== vocabulary.unit) {
    throw rangeError(operation, 'unit', `that of the vocabulary, '${vocabulary.unit}'`, unit)
  }
  for (const [name, value] of Object.entries({ minCount, maxVocabSize, base })) {
    if (value !== undefined) throw rangeError(operation, name, 'nothing, since vocabulary is given', value)
  }
}

/**
 * Encodes a stream of UTF-8 chunks. Chunks may be cut at any byte. The end of the text ends its last line. Throws for
 * the same reasons as `loadText`, except that the text may be empty.
 * @param divide returns the size of the part from which the vocabulary is built; the vocabulary then contains `<unk>`.
 * Without it, the vocabulary is built from the whole text and contains `<unk>` only if `minCount` or `maxVocabSize` is
 * given. It always contains `<eos>`.
 */
export async function encodeText(
  chunks: Chunks,
  options: TextOptions = {},
  divide?: TrainingSize,
): Promise<DividedText> {
  const { vocabulary, base, limit, minCount, maxVocabSize, signal } = options
  const unit = options.unit ?? base?.unit ?? 'word'
  if (vocabulary !== undefined) {
    const tokenizer = await inPieces(
      vocabulary.tokenizer((line) => `line ${line}`, { limit }),
      signal,
    )
    const ids = await readTokens(chunks, vocabulary.unit, tokenizer, signal)
    return dividedText(ids, vocabulary, divide?.(ids, vocabulary.wordToId.get(END_OF_SENTENCE) ?? -1))
  }
  const table = await inPieces(WordTable.of(base?.idToWord ?? []), signal)
  const tokenizer = new Tokenizer(unit, (bytes, start, end) => table.add(bytes, start, end), limit)
  const ids = await readTokens(chunks, unit, tokenizer, signal)
  const endOfSentence = table.addWord(END_OF_SENTENCE) // with `limit`, the text may end within its first line
  const trainingSize = divide?.(ids, endOfSentence)
  const hasUnknown =
    divide !== undefined || base !== undefined || minCount !== undefined || maxVocabSize !== undefined
  const { words, unknownTypes } = hasUnknown
    ? await inPieces(keepFrequentWords(ids, table, options, trainingSize, base?.size), signal)
    : { words: await inPieces(table.words(), signal), unknownTypes: undefined }
  if (words.length > LARGEST_VOCABULARY) {
    throw new Error(
      `more than ${LARGEST_VOCABULARY} different words; use minCount or maxVocabSize to leave out rare ones`,
    )
  }
  const made = await inPieces(Vocabulary.of(words, unit, unknownTypes), signal)
  return dividedText(ids, made, trainingSize)
}

async function readTokens(
  chunks: Chunks,
  unit: Unit,
  tokenizer: Tokenizer,
  signal: AbortSignal | undefined,
): Promise<Int32Array> {
  let offset = 0
  for await (const block of textBlocks(chunks, unit)) {
    const hasMark = offset === 0 && block.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)
    const fault = findFault(block)
    tokenizer.write(block.subarray(hasMark ? BYTE_ORDER_MARK.length : 0, fault?.place))
    if (tokenizer.isFull) break
    if (fault) {
      const place = `at byte ${offset + fault.place}, line ${tokenizer.line}`
      throw new Error(`${fault.what} ${place}: ${fault.remedy}`)
    }
    offset += block.length
    await rest(signal)
  }
  tokenizer.end()
  return tokenizer.takeIds()
}

function dividedText(corpus: Int32Array, vocabulary: Vocabulary, trainingSize = corpus.length): DividedText {
  const { wordToId, idToWord } = vocabulary
  return { corpus, wordToId, idToWord, vocabulary, trainingSize }
}
