/** Builds a vocabulary of the frequent words of a text; other words become `<unk>`. */
import { type Pieces, ranges } from '../pace.ts'
import { END_OF_SENTENCE, UNKNOWN } from './tokenizer.ts'
import type { WordTable } from './word-table.ts'

export interface VocabularyLimits {
  /** Words that occur fewer times become `<unk>`. */
  minCount?: number
  /**
   * The maximum number of words, including `<eos>` and `<unk>`. The most frequent words are kept; ties go to the word
   * that appears first.
   */
  maxVocabSize?: number
}

/** The words that are kept, in the order of their ids, and the number of different words that became `<unk>`. */
interface KeptWords {
  words: string[]
  unknownTypes: number
}

/**
 * Replaces the ids that `table` assigned to the words of a text, in place, and returns the words of the new ids in
 * order of first appearance. `<unk>` is always included, at the end if the text does not need it.
 * @param baseSize number of words at the beginning of `table` that always keep their ids
 * @param trainingSize number of tokens at the beginning that are counted; words that occur only after them become
 * `<unk>`
 */
export function* keepFrequentWords(
  ids: Int32Array,
  table: WordTable,
  { minCount = 1, maxVocabSize = Infinity }: VocabularyLimits,
  trainingSize = ids.length,
  baseSize = 0,
): Pieces<KeptWords> {
  const counts = yield* countIds(ids.subarray(0, trainingSize), table.size)
  const endOfSentence = table.idOf(END_OF_SENTENCE)
  const literalUnknown = table.idOf(UNKNOWN)
  const isOrdinary = (id: number) => id >= baseSize && id !== endOfSentence && id !== literalUnknown

  const room = maxVocabSize - 2
  const frequent = counts.filter((count, id) => count >= minCount && isOrdinary(id)).sort()
  const isTooMany = frequent.length > room
  const least = isTooMany ? frequent[frequent.length - room]! : minCount
  let roomForLeast = isTooMany ? room - frequent.filter((count) => count > least).length : room
  const stays = (id: number) =>
    isOrdinary(id)
      ? counts[id]! > least || (counts[id] === least && roomForLeast-- > 0)
      : id !== literalUnknown

  const words: string[] = []
  const newIds = new Int32Array(table.size)
  let unknown = -1
  let unknownTypes = 0
  for (const [from, to] of ranges(table.size, 2 ** 12)) {
    for (let id = from; id < to; id++) {
      if (stays(id)) {
        newIds[id] = words.push(table.wordOf(id)) - 1
      } else {
        if (counts[id]! > 0 && id !== literalUnknown) unknownTypes++
        if (unknown < 0) unknown = words.push(UNKNOWN) - 1
        newIds[id] = unknown
      }
    }
    yield
  }
  if (unknown < 0) words.push(UNKNOWN)
  for (const [from, to] of ranges(ids.length)) {
    for (let i = from; i < to; i++) ids[i] = newIds[ids[i]!]!
    yield
  }
  return { words, unknownTypes }
}

function* countIds(ids: Int32Array, size: number): Pieces<Uint32Array> {
  const counts = new Uint32Array(size)
  for (const [from, to] of ranges(ids.length)) {
    for (let i = from; i < to; i++) counts[ids[i]!]!++
    yield
  }
  return counts
}
