/** The tokens that a model knows and their ids 0, 1, 2, … */
import { checkChoice, checkInteger } from '../checks.ts'
import { rangeError, typeError } from '../errors.ts'
import { atOnce, type Pieces, ranges } from '../pace.ts'
import { readInPieces } from './text-blocks.ts'
import { END_OF_SENTENCE, type IdOf, Tokenizer, UNITS, UNKNOWN, type Unit } from './tokenizer.ts'
import { WordTable } from './word-table.ts'

/** A vocabulary as JSON. The id of a word is its index in `words`. */
export interface VocabularyJson {
  unit: Unit
  words: string[]
  unknownTypes?: number
}

/** The maximum size of a `Map`. */
export const LARGEST_VOCABULARY = 2 ** 24

const REPLACEMENT_CHARACTER = '\uFFFD'
const WORD = /^[^\s\p{Surrogate}]+$/u
const CHARACTER = /^[^\r\n\p{Surrogate}]$/u

export class Vocabulary {
  readonly unit: Unit
  readonly idToWord: string[]
  readonly wordToId = new Map<string, number>()
  /** The number of different words that `<unk>` replaced in the training text; undefined if unknown. */
  readonly unknownTypes: number | undefined
  #table: WordTable | undefined

  /**
   * @param words in the order of their ids. With the unit `word`: strings without white space. With the unit
   * `character`: single code points other than line ends, `<eos>` or `<unk>`.
   * @param unknownTypes the number of different words that `<unk>` replaced, if known
   * @throws an error that names the first invalid or repeated word
   */
  constructor(words: readonly string[], unit: Unit = 'word', unknownTypes?: number) {
    checkUnit('Vocabulary', unit)
    if (unknownTypes !== undefined) checkInteger('Vocabulary', 'unknownTypes', unknownTypes, 0)
    this.unit = unit
    this.unknownTypes = unknownTypes
    this.idToWord = [...words]
    atOnce(this.#number())
  }

  /** As the constructor, in pieces. */
  static *of(words: readonly string[], unit: Unit, unknownTypes?: number): Pieces<Vocabulary> {
    const vocabulary = new Vocabulary([], unit, unknownTypes)
    for (const [from, to] of ranges(words.length)) {
      for (let id = from; id < to; id++) vocabulary.idToWord.push(words[id]!)
      yield
    }
    yield* vocabulary.#number()
    return vocabulary
  }

  /** Checks the words and assigns their ids. */
  *#number(): Pieces<void> {
    const { idToWord: words, unit, wordToId } = this
    if (words.length > LARGEST_VOCABULARY) {
      throw rangeError('Vocabulary', 'words', `at most ${LARGEST_VOCABULARY} words`, words.length)
    }
    for (const [from, to] of ranges(words.length, 2 ** 11)) {
      for (let id = from; id < to; id++) {
        const word = words[id]!
        checkWord(word, id, unit)
        if (wordToId.has(word))
          throw rangeError('Vocabulary', `words[${id}]`, 'a word that is not repeated', word)
        wordToId.set(word, id)
      }
      yield
    }
  }

  /**
   * Creates a vocabulary from JSON, which may come from an untrusted file.
   * @throws an error that says what is invalid
   */
  static fromJSON(json: unknown): Vocabulary {
    if (typeof json !== 'object' || json === null) {
      throw typeError('Vocabulary.fromJSON', 'json', 'an object { unit, words }', json)
    }
    const { unit, words, unknownTypes } = json as Partial<VocabularyJson>
    if (!Array.isArray(words)) throw typeError('Vocabulary.fromJSON', 'words', 'an array of strings', words)
    return new Vocabulary(words, checkUnit('Vocabulary.fromJSON', unit), unknownTypes)
  }

  toJSON(): VocabularyJson {
    const { unit, idToWord, unknownTypes } = this
    return { unit, words: [...idToWord], ...(unknownTypes === undefined ? {} : { unknownTypes }) }
  }

  /** The id of `<unk>`; undefined if the vocabulary has none. */
  get unknownId(): number | undefined {
    return this.wordToId.get(UNKNOWN)
  }

  /** The number of ids that are `<unk>`. */
  countUnknown(ids: Int32Array): number {
    const { unknownId } = this
    return unknownId === undefined ? 0 : ids.reduce((count, id) => (id === unknownId ? count + 1 : count), 0)
  }

  get size(): number {
    return this.idToWord.length
  }

  /**
   * The id of `word`, or that of `<unk>`.
   * @throws {RangeError} if the vocabulary has neither
   */
  idOf(word: string): number {
    const id = this.wordToId.get(word) ?? this.unknownId
    if (id === undefined) throw this.#unknownWord('Vocabulary.idOf', word)
    return id
  }

  /** @throws {RangeError} if `id` is not in 0 … size − 1 */
  wordOf(id: number): string {
    const word = this.idToWord[id]
    if (word === undefined) {
      throw rangeError('Vocabulary.wordOf', 'id', `an integer in 0…${this.size - 1}`, id)
    }
    return word
  }

  /**
   * The ids of a text, tokenized as by `loadText`, except that no `<eos>` is added if the text does not end with a line
   * end. A model can therefore continue the text. Unknown tokens become `<unk>`.
   * @throws {RangeError} naming the token and its line if the vocabulary has no `<unk>`
   */
  encode(text: string): Int32Array {
    return atOnce(this.encodeInPieces(text))
  }

  /** As `encode`, in pieces. */
  *encodeInPieces(text: string): Pieces<Int32Array> {
    if (typeof text !== 'string') throw typeError('Vocabulary.encode', 'text', 'a string', text)
    const tokenizer = yield* this.tokenizer((line) => `Vocabulary.encode: line ${line}`)
    yield* readInPieces(tokenizer, Buffer.from(text), this.unit)
    return tokenizer.takeIds()
  }

  /**
   * The text of token ids: words separated by spaces, or characters. `<eos>` becomes a line end. In character mode,
   * `<unk>` becomes U+FFFD. `encode` returns the same ids again, except for empty sentences in word mode.
   * @throws {RangeError} if an id is not in 0 … size − 1
   */
  decode(ids: Iterable<number>): string {
    const isOfWords = this.unit === 'word'
    let text = ''
    let isLineStart = true
    for (const id of ids) {
      const word = this.wordOf(id)
      if (word === END_OF_SENTENCE) text += '\n'
      else if (isOfWords) text += isLineStart ? word : ` ${word}`
      else text += word === UNKNOWN ? REPLACEMENT_CHARACTER : word
      isLineStart = word === END_OF_SENTENCE
    }
    return text
  }

  /**
   * Creates a tokenizer with this vocabulary that reads at most `limit` tokens. Unknown tokens become `<unk>`; without
   * `<unk>`, reading throws a `RangeError` that names the token and the line as given by `nameLine`.
   * @param options `onUnknown` is called with each token whose id is that of `<unk>`
   */
  *tokenizer(
    nameLine: (line: number) => string,
    { limit, onUnknown }: { limit?: number | undefined; onUnknown?: (word: string) => void } = {},
  ): Pieces<Tokenizer> {
    this.#table ??= yield* WordTable.of(this.idToWord)
    const table = this.#table
    const unknown = this.unknownId ?? -1
    const idOf: IdOf = (bytes, start, end) => {
      const known = table.find(bytes, start, end)
      const id = known >= 0 ? known : unknown
      if (id < 0) throw this.#unknownWord(nameLine(tokenizer.line), bytes.toString('utf8', start, end))
      if (id === unknown) onUnknown?.(bytes.toString('utf8', start, end))
      return id
    }
    const tokenizer = new Tokenizer(this.unit, idOf, limit)
    return tokenizer
  }

  #unknownWord(operation: string, word: string): RangeError {
    const expected = `one of the ${this.size} ${this.unit}s of the vocabulary, which has no ${UNKNOWN}`
    return rangeError(operation, this.unit, expected, word)
  }
}

/** Returns `vocabulary` if it is one. */
export function checkVocabulary(operation: string, vocabulary: unknown): Vocabulary {
  if (!(vocabulary instanceof Vocabulary))
    throw typeError(operation, 'vocabulary', 'a Vocabulary', vocabulary)
  return vocabulary
}

/** Returns `unit` if it is valid. */
export function checkUnit(operation: string, unit: unknown): Unit {
  return checkChoice(operation, 'unit', unit, UNITS)
}

function checkWord(word: unknown, id: number, unit: Unit): void {
  if (typeof word === 'string') {
    if (unit === 'word' && WORD.test(word)) return
    if (unit === 'character' && (CHARACTER.test(word) || word === END_OF_SENTENCE || word === UNKNOWN)) return
  }
  const expected =
    unit === 'word' ? 'a word without white space' : `a character, ${END_OF_SENTENCE} or ${UNKNOWN}`
  throw rangeError('Vocabulary', `words[${id}]`, expected, word)
}
