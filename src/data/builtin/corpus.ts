/**
 * The built-in corpus: little stories to train on when no text is at hand, of any length, with the lowest perplexity
 * that any model can be expected to reach on them.
 */
import { checkInteger, checkOptions } from '../../checks.ts'
import { atOnce, type Pieces } from '../../pace.ts'
import { Random } from '../../tensor/random.ts'
import { type BuiltinCorpus, tellStories } from './storyteller.ts'

export { type BuiltinCorpus, floorPerplexity, scoreCorpus } from './storyteller.ts'

/**
 * Writes exactly `words` words, however the last story ends. The same seed gives the same text on every machine, and a
 * shorter text is the beginning of a longer one.
 */
export function generateCorpus(options: { words: number; seed: number }): BuiltinCorpus {
  const { words, seed } = checkOptions('generateCorpus', options, ['words', 'seed'])
  return atOnce(corpusInPieces({ words, seed }))
}

/** The same for asynchronous functions. */
export function* corpusInPieces({ words, seed }: { words: number; seed: number }): Pieces<BuiltinCorpus> {
  checkInteger('generateCorpus', 'words', words)
  const random = new Random(seed)
  return yield* tellStories(words, () => random.uniform())
}
