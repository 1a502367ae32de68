/** Loads the texts of a training job: the training text, and optionally a validation text and a test text. */

import { isDeepStrictEqual } from 'node:util'
import { crc32 } from 'node:zlib'
import { checkNumber, checkOptions } from '../checks.ts'
import { rangeError, typeError } from '../errors.ts'
import { fileError } from '../files/file-error.ts'
import { inPieces, type Pieces, ranges } from '../pace.ts'
import { type BuiltinCorpus, corpusInPieces, floorPerplexity } from './builtin/corpus.ts'
import { fetchPtb, type PtbSplit } from './ptb.ts'
import {
  checkTextOptions,
  encodeText,
  loadDividedText,
  loadText,
  TEXT_OPTIONS,
  type TextCorpus,
  type TextOptions,
} from './text.ts'
import { STANDARD_INPUT } from './text-source.ts'
import { END_OF_SENTENCE } from './tokenizer.ts'
import { Vocabulary } from './vocabulary.ts'

export interface TextsOptions extends TextOptions {
  /** `builtin` (generated stories), `ptb` (the Penn Treebank), the path of a text file, or `-` (standard input). */
  data: string
  /** The paths of a validation text and a test text. */
  valid?: string
  test?: string
  /**
   * Holds out this fraction (0 … 0.5) at the end of the training text for validation; 0 disables validation. Defaults
   * to 0.05 for a whole text file without `valid`.
   */
  split?: number
}

export interface Texts {
  vocabulary: Vocabulary
  /** Token ids. */
  train: Int32Array
  valid?: Int32Array
  test?: Int32Array
  /** The fraction of the training text that was held out. */
  split?: number
  /** The lowest perplexity that a model can be expected to reach on `valid`. Known only for the built-in stories. */
  floor?: number
  /** Positions in `valid` of words that require a long memory. Known only for the built-in stories. */
  memoryPositions?: Int32Array
  /** The floor on these words alone. It is 1, since the remembered word is certain. */
  memoryFloor?: number
}

type Training = Pick<TextCorpus, 'corpus' | 'vocabulary'>

/** The training text, and the default validation and test texts of its source. */
interface Source {
  training: Training
  validation?: () => Partial<Texts> | Promise<Partial<Texts>>
  test?: () => Promise<Partial<Texts>>
}

/** With 100,000 words, 100 epochs end near the floor; on shorter texts the network overfits. */
const BUILTIN_WORDS = 100_000
const BUILTIN_HELD_OUT_WORDS = 10_000
const BUILTIN_SEED = 1
const BUILTIN_HELD_OUT_SEED = 2

const TEXTS_OPTIONS = [...TEXT_OPTIONS, 'data', 'valid', 'test', 'split'] as const

const DEFAULT_SPLIT = 0.05
export const LARGEST_SPLIT = 0.5
/** One token as input and one to predict. */
const SHORTEST_VALIDATION_TEXT = 2

/**
 * Loads the texts of a job. The vocabulary is built from the training text unless one is given. Unknown words of the
 * other texts become `<unk>`; they are errors if the vocabulary has no `<unk>`.
 *
 * - `builtin`: 100,000 words, or `limit`; the validation text is 10,000 words of other stories. With a foreign
 *   vocabulary, it is treated like any other text: there is no validation text if `limit` is given.
 * - `ptb`: its three parts; with `limit`, only the beginning of the training part.
 * - A text file: the end is held out for validation; with `limit`, only the beginning is read and nothing is held out.
 *   The vocabulary is built from the training part and contains `<unk>`.
 *
 * @throws an error that names the invalid option, or the file and the reason (see `loadText` and `ptb.loadData`)
 */
export async function loadTexts(options: TextsOptions): Promise<Texts> {
  const {
    data,
    valid,
    test,
    split,
    unit,
    vocabulary: given,
    base,
    minCount,
    maxVocabSize,
    limit,
    signal,
  } = checkOptions('loadTexts', options, TEXTS_OPTIONS)
  const textOptions = { unit, vocabulary: given, base, minCount, maxVocabSize, limit, signal }
  checkTextOptions('loadTexts', textOptions)
  checkTextsOptions(options)
  const source = isFile(data)
    ? await openFile(data, textOptions, valid === undefined ? split : 0)
    : await openSource(data, textOptions)
  const { corpus, vocabulary } = source.training
  const read = async (path: string) => (await loadText(path, { vocabulary, signal })).corpus
  const validation =
    valid !== undefined
      ? { valid: await read(valid) }
      : split !== undefined && !isFile(data)
        ? splitAsAsked(source.training, split)
        : await source.validation?.()
  const testing = test !== undefined ? { test: await read(test) } : await source.test?.()
  return { vocabulary, train: corpus, ...validation, ...testing }
}

function checkTextsOptions(options: TextsOptions): void {
  const { data, valid, test, split } = options
  for (const [name, path] of Object.entries({ data, valid, test })) {
    if (name !== 'data' && path === undefined) continue
    if (typeof path !== 'string' || path === '') {
      const expected =
        name === 'data' ? "'builtin', 'ptb' or the path of a text file" : 'the path of a text file'
      throw typeError('loadTexts', name, expected, path)
    }
  }
  const fromInput = [data, valid, test].filter((path) => path === STANDARD_INPUT)
  if (fromInput.length > 1)
    throw rangeError('loadTexts', 'data, valid, test', "'-' (standard input) once at most", fromInput.length)
  if (split === undefined) return
  checkNumber('loadTexts', 'split', split, 0, LARGEST_SPLIT)
  if (split > 0 && valid !== undefined) {
    throw rangeError('loadTexts', 'split', 'nothing or 0, since valid is given', split)
  }
}

/** Whether `data` is the path of a text file. */
export function isFile(data: string): boolean {
  return data !== 'builtin' && data !== 'ptb'
}

function openSource(data: string, options: TextOptions): Promise<Source> {
  return data === 'builtin' ? openBuiltin(options) : openPtb(options)
}

async function openFile(path: string, options: TextOptions, given: number | undefined): Promise<Source> {
  const split = given ?? (options.limit === undefined ? DEFAULT_SPLIT : 0)
  const { corpus, vocabulary, trainingSize } = await loadDividedText(path, options, (ids, endOfSentence) =>
    cutPlace(ids, endOfSentence, split),
  )
  if (given !== undefined) checkCut(trainingSize, corpus.length, split)
  const training = { corpus: corpus.subarray(0, trainingSize), vocabulary }
  if (trainingSize === corpus.length) return { training }
  return { training, validation: () => ({ valid: corpus.subarray(trainingSize), split }) }
}

async function openPtb(options: TextOptions): Promise<Source> {
  const training = await encodeSource('ptb', await fetchPtb('train', { signal: options.signal }), options)
  if (options.limit !== undefined) return { training }
  const { vocabulary } = training
  const { signal } = options
  const read = async (part: PtbSplit) =>
    (await encodeSource('ptb', await fetchPtb(part, { signal }), { vocabulary, signal })).corpus
  return {
    training,
    validation: async () => ({ valid: await read('valid') }),
    test: async () => ({ test: await read('test') }),
  }
}

/** The built-in stories in their own vocabulary or in a given one. */
async function openBuiltin(options: TextOptions): Promise<Source> {
  const tell = (words: number, seed: number) => inPieces(corpusInPieces({ words, seed }), options.signal)
  const stories = await tell(options.limit ?? BUILTIN_WORDS, BUILTIN_SEED)
  const heldOut = await tell(BUILTIN_HELD_OUT_WORDS, BUILTIN_HELD_OUT_SEED)
  const own = new Vocabulary(stories.idToWord)
  if (isReadIn(own, options)) {
    const { corpus, memoryPositions } = heldOut
    const logProbabilities = Float64Array.from(memoryPositions, (place) => heldOut.logProbabilities[place]!)
    const validation = {
      valid: corpus,
      floor: floorPerplexity(heldOut, 1),
      memoryPositions,
      memoryFloor: floorPerplexity({ logProbabilities }),
    }
    return { training: { corpus: stories.corpus, vocabulary: own }, validation: () => validation }
  }
  const read = ({ corpus }: BuiltinCorpus, readOptions: TextOptions) =>
    encodeSource('builtin', Buffer.from(own.decode(corpus)), readOptions)
  const training = await read(stories, options)
  if (options.limit !== undefined) return { training }
  const { vocabulary } = training
  return {
    training,
    validation: async () => ({ valid: (await read(heldOut, { vocabulary, signal: options.signal })).corpus }),
  }
}

/** Adds the name of the source to errors about words that the given vocabulary lacks. */
async function encodeSource(source: string, text: Buffer, options: TextOptions): Promise<TextCorpus> {
  try {
    return await encodeText([text], options)
  } catch (cause) {
    options.signal?.throwIfAborted()
    throw fileError('read', source, cause)
  }
}

/** Whether the options ask for this vocabulary or for none. */
function isReadIn(own: Vocabulary, { unit, vocabulary, base, minCount, maxVocabSize }: TextOptions): boolean {
  if (base !== undefined || minCount !== undefined || maxVocabSize !== undefined) return false
  if (vocabulary === undefined) return unit !== 'character'
  return vocabulary.unit === 'word' && isDeepStrictEqual(vocabulary.idToWord, own.idToWord)
}

function splitAsAsked({ corpus, vocabulary }: Training, split: number): Partial<Texts> {
  const place = cutPlace(corpus, vocabulary.wordToId.get(END_OF_SENTENCE) ?? -1, split)
  checkCut(place, corpus.length, split)
  if (place === corpus.length) return {}
  return { train: corpus.subarray(0, place), valid: corpus.subarray(place), split }
}

/** Throws if the text is too short for the requested split. */
function checkCut(place: number, size: number, split: number): void {
  if (split === 0 || place < size) return
  const expected = `a fraction that is at least ${SHORTEST_VALIDATION_TEXT} of the ${size} tokens`
  throw rangeError('loadTexts', 'split', expected, split)
}

/**
 * The position at which to hold out about the fraction `split` at the end of a text. The held-out text begins with a
 * whole line, unless the line at the cut has at least as many tokens before the cut as are held out. A text that is too
 * short is not split.
 */
function cutPlace(ids: Int32Array, endOfSentence: number, split: number): number {
  const size = Math.round(split * ids.length)
  if (size < SHORTEST_VALIDATION_TEXT) return ids.length
  const place = ids.length - size
  const lineStart = ids.lastIndexOf(endOfSentence, place - 1) + 1
  return lineStart > 0 && place - lineStart < size ? lineStart : place
}

/** A checksum of the vocabulary and of all texts with their lengths. */
export function* checksumOf({ vocabulary, train, valid, test }: Texts): Pieces<number> {
  let checksum = crc32(JSON.stringify(vocabulary))
  for (const ids of [train, valid, test]) {
    checksum = crc32(`${ids?.length}`, checksum)
    for (const [from, to] of ranges(ids?.length ?? 0, 2 ** 18)) {
      const { buffer, byteOffset } = ids!.subarray(from, to)
      checksum = crc32(new Uint8Array(buffer, byteOffset, 4 * (to - from)), checksum)
      yield
    }
  }
  return checksum
}
