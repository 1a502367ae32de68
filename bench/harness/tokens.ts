/** Token ids for a language model to train on, where only their number and their spread matter. */
import { createHash } from 'node:crypto'
import { checkInteger } from '../../src/checks.ts'

/** `count` ids in random order, each of 0 … `vocabSize` − 1 at least once; the same seed gives the same ids. */
export function randomTokens(count: number, vocabSize: number, seed: number): number[] {
  checkInteger('randomTokens', 'vocabSize', vocabSize)
  checkInteger('randomTokens', 'count', count, vocabSize)
  const ids = Array.from({ length: count }, (_, i) => (i < vocabSize ? i : random(seed, i) % vocabSize))
  return ids
    .map((id, i) => ({ id, key: random(seed, count + i) }))
    .sort((a, b) => a.key - b.key)
    .map(({ id }) => id)
}

/**
 * `count` ids of 0 … `vocabSize` − 1 as words are spread in a text: id i about as often as 1 / (i + 1) (Zipf's law).
 * The same seed gives the same ids.
 */
export function zipfTokens(count: number, vocabSize: number, seed: number): number[] {
  checkInteger('zipfTokens', 'vocabSize', vocabSize)
  checkInteger('zipfTokens', 'count', count)
  return Array.from({ length: count }, (_, i) => {
    const uniform = random(seed, i) / 2 ** 48
    return Math.floor((vocabSize + 1) ** uniform) - 1
  })
}

/** The `counter`-th of the seed's random integers of 48 bits. */
function random(seed: number, counter: number): number {
  return createHash('sha256').update(`${seed} ${counter}`).digest().readUIntLE(0, 6)
}
