/** The text to train on: the built-in stories, the Penn Treebank, or a file. */
import { floorPerplexity, generateCorpus } from '../data/builtin/corpus.ts'
import { ptb } from '../data/ptb.ts'
import { loadText } from '../data/text.ts'

export interface TrainingText {
  corpus: Int32Array
  vocabSize: number
  heldOut?: Int32Array
  /** The lowest perplexity that any model can be expected to reach on the held-out text. */
  floor?: number
}

/** With 100,000 words, 100 epochs end near the floor; on shorter texts the network learns them by heart. */
const BUILTIN_WORDS = 100_000
const BUILTIN_HELD_OUT_WORDS = 10_000
const BUILTIN_SEED = 1
const BUILTIN_HELD_OUT_SEED = 2

/** @param data `builtin`, `ptb` or a path  @param limit use this many words from the beginning */
export async function loadTrainingText(data: string, limit?: number): Promise<TrainingText> {
  if (data === 'builtin') return builtinText(limit)
  const isPtb = data === 'ptb'
  const { corpus, idToWord } = isPtb ? await ptb.loadData('train') : await loadText(data)
  if (limit !== undefined) return beginning(corpus, limit)
  const heldOut = isPtb ? { heldOut: (await ptb.loadData('valid')).corpus } : {}
  return { corpus, vocabSize: idToWord.length, ...heldOut }
}

function builtinText(words = BUILTIN_WORDS): TrainingText {
  const { corpus, idToWord } = generateCorpus({ words, seed: BUILTIN_SEED })
  const heldOut = generateCorpus({ words: BUILTIN_HELD_OUT_WORDS, seed: BUILTIN_HELD_OUT_SEED })
  return { corpus, vocabSize: idToWord.length, heldOut: heldOut.corpus, floor: floorPerplexity(heldOut, 1) }
}

/** Ids are given by first appearance, so those of the first words are 0 … their number − 1. */
function beginning(corpus: Int32Array, limit: number): TrainingText {
  const words = corpus.subarray(0, limit)
  return { corpus: words, vocabSize: words.reduce((most, id) => Math.max(most, id + 1), 0) }
}
