/** Sentences as token ids that end with `<eos>`. */
import { readInPieces } from '../data/text-blocks.ts'
import { END_OF_SENTENCE } from '../data/tokenizer.ts'
import type { Vocabulary } from '../data/vocabulary.ts'
import { rangeError } from '../errors.ts'
import type { Pieces } from '../pace.ts'

export interface EncodedSentence {
  /** The ids of its tokens and its end. */
  ids: Int32Array
  /** The words that became `<unk>`, in order. */
  unknownWords: readonly string[]
}

/** @param name name of the sentence in errors */
export function* encodeSentence(
  vocabulary: Vocabulary,
  sentence: string,
  name: string,
): Pieces<EncodedSentence> {
  if (typeof sentence !== 'string') throw new TypeError(`${name}: expected a string, got ${typeof sentence}`)
  const end = endOfSentence(vocabulary)
  const unknownWords: string[] = []
  const tokenizer = yield* vocabulary.tokenizer(() => name, {
    onUnknown: (word) => void unknownWords.push(word),
  })
  yield* readInPieces(tokenizer, Buffer.from(sentence), vocabulary.unit)
  tokenizer.end()
  const ids = tokenizer.takeIds()
  const place = ids.indexOf(end)
  if (place < 0) return { ids: withEnd(ids, end), unknownWords }
  if (place < ids.length - 1) throw new RangeError(`${name}: expected one sentence, got several lines`)
  return { ids, unknownWords }
}

function withEnd(ids: Int32Array, end: number): Int32Array {
  const all = new Int32Array(ids.length + 1)
  all.set(ids)
  all[ids.length] = end
  return all
}

/** The id of `<eos>`. */
export function endOfSentence(vocabulary: Vocabulary): number {
  const id = vocabulary.wordToId.get(END_OF_SENTENCE)
  if (id === undefined) throw rangeError('score', 'vocabulary', `one that has ${END_OF_SENTENCE}`, vocabulary)
  return id
}
