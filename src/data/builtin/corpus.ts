/**
 * The built-in corpus: generated stories of any length, for training without a text file. The lowest perplexity that a
 * model can be expected to reach on them is known.
 */
import { checkInteger, checkOptions } from '../../checks.ts'
import { atOnce, type Pieces } from '../../pace.ts'
import { Random } from '../../tensor/random.ts'
import { type BuiltinCorpus, tellStories } from './storyteller.ts'

export { type BuiltinCorpus, floorPerplexity, scoreCorpus } from './storyteller.ts'

/**
 * Generates exactly `words` words; the last story may be cut. The same seed gives the same text on every machine, and a
 * shorter text is a prefix of a longer one.
 */
export function generateCorpus(options: { words: number; seed: number }): BuiltinCorpus {
  const { words, seed } = checkOptions('generateCorpus', options, ['words', 'seed'])
  return atOnce(corpusInPieces({ words, seed }))
}

/** As `generateCorpus`, in pieces. */
export function* corpusInPieces({ words, seed }: { words: number; seed: number }): Pieces<BuiltinCorpus> {
  checkInteger('generateCorpus', 'words', words)
  const random = new Random(seed)
  return yield* tellStories(words, () => random.uniform())
}
