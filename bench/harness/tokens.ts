/** Token ids for a language model to train on, where only their number and their spread matter. */
import { createHash } from 'node:crypto'
import { checkInteger } from '../../src/errors.ts'

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

/** The `counter`-th of the seed's random integers of 48 bits. */
function random(seed: number, counter: number): number {
  return createHash('sha256').update(`${seed} ${counter}`).digest().readUIntLE(0, 6)
}
