/** The two-way mapping between words and their ids: 0, 1, 2, … in order of first appearance. */
import { rangeError } from '../errors.ts'

export class Vocabulary {
  readonly wordToId = new Map<string, number>()
  readonly idToWord: string[] = []

  /** The id of `word`; a new word gets the next free one. */
  add(word: string): number {
    const known = this.wordToId.get(word)
    if (known !== undefined) return known
    // V8 keeps a whole text alive for a word that was cut from it; a copy lets the text go.
    const copy = Buffer.from(word).toString()
    const id = this.idToWord.push(copy) - 1
    this.wordToId.set(copy, id)
    return id
  }

  /** The id of `word`. Throws a `RangeError` where the vocabulary lacks it. */
  idOf(word: string): number {
    const id = this.wordToId.get(word)
    if (id === undefined) {
      throw rangeError('Vocabulary.idOf', 'word', `one of the ${this.idToWord.length} words known`, word)
    }
    return id
  }
}
