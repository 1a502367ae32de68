/**
 * Tells the stories of the grammar, and scores a text by following it through the same grammar: writing and scoring
 * are one loop that differs only in where the next word comes from.
 */
import { checkInteger } from '../../checks.ts'
import { rangeError } from '../../errors.ts'
import { atOnce, type Pieces, ranges } from '../../pace.ts'
import type { Choices, Memory } from './grammar.ts'
import { STORY } from './stories.ts'

/** A text, its vocabulary, and what the model that wrote it knows about it. */
export interface BuiltinCorpus {
  /** Word ids. */
  readonly corpus: Int32Array
  /** The complete vocabulary with its ids, the same for every text. */
  readonly wordToId: Map<string, number>
  readonly idToWord: string[]
  /** Natural log of the true model's probability of each word given all words before it; as long as `corpus`. */
  readonly logProbabilities: Float64Array
  /** Positions in `corpus` of the words that only a long memory can know: whom she greets. */
  readonly memoryPositions: Int32Array
}

const ID_TO_WORD: readonly string[] = [...STORY.words]
const WORD_TO_ID: ReadonlyMap<string, number> = new Map(ID_TO_WORD.map((word, id) => [word, id]))

/** Tells one story after another: yields the distribution of the next word, receives the word that came. */
export function* storyteller(): Generator<Choices, never, string> {
  const memory: Memory = new Map()
  while (true) {
    memory.clear()
    yield* STORY.rest(yield STORY.first(memory), memory)
  }
}

/** Writes `words` words with random numbers from `uniform`, which gives numbers in [0, 1). */
export function* tellStories(words: number, uniform: () => number): Pieces<BuiltinCorpus> {
  const corpus = new Int32Array(words)
  const logProbabilities = new Float64Array(words)
  const memoryPositions: number[] = []
  yield* follow(words, (choices, position) => {
    const word = draw(choices, uniform())
    corpus[position] = WORD_TO_ID.get(word)!
    logProbabilities[position] = Math.log(choices.probabilities.get(word)!)
    if (choices.asksMemory) memoryPositions.push(position)
    return word
  })
  return {
    corpus,
    wordToId: new Map(WORD_TO_ID),
    idToWord: [...ID_TO_WORD],
    logProbabilities,
    memoryPositions: Int32Array.from(memoryPositions),
  }
}

/**
 * Natural log of the true model's probability of each word given all words before it, from the text alone. The text
 * must start where a story starts; it may stop anywhere.
 * Throws a `RangeError` that names the first place where the true model could not have written what stands there.
 */
export function scoreCorpus(corpus: ArrayLike<number>): Float64Array {
  const logProbabilities = new Float64Array(corpus.length)
  const following = follow(corpus.length, (choices, position) => {
    const id = corpus[position]!
    const word = ID_TO_WORD[id]
    if (word === undefined) {
      throw rangeError('scoreCorpus', `corpus[${position}]`, `a word id in 0…${ID_TO_WORD.length - 1}`, id)
    }
    const probability = choices.probabilities.get(word)
    if (probability === undefined) {
      throw rangeError('scoreCorpus', `corpus[${position}]`, `a word that can follow: ${list(choices)}`, word)
    }
    logProbabilities[position] = Math.log(probability)
    return word
  })
  atOnce(following)
  return logProbabilities
}

/**
 * The floor: the perplexity of the true model on the words `from` (inclusive) to `to` (exclusive), each given all words
 * before it. No model can be expected to do better on stories that it has not seen.
 */
export function floorPerplexity(
  { logProbabilities }: Pick<BuiltinCorpus, 'logProbabilities'>,
  from = 0,
  to = logProbabilities.length,
): number {
  checkInteger('floorPerplexity', 'to', to, 1, logProbabilities.length)
  checkInteger('floorPerplexity', 'from', from, 0, to - 1)
  const sum = logProbabilities.subarray(from, to).reduce((total, value) => total + value, 0)
  return Math.exp(-sum / (to - from))
}

/** Follows the storyteller for `words` words; `wordAt` answers each distribution with the word that comes. */
function* follow(words: number, wordAt: (choices: Choices, position: number) => string): Pieces<void> {
  const telling = storyteller()
  let choices = telling.next().value
  for (const [from, to] of ranges(words, 2 ** 10)) {
    for (let position = from; position < to; position++)
      choices = telling.next(wordAt(choices, position)).value
    yield
  }
}

/** The word at which the running sum of the probabilities passes `uniform`; the last word takes what rounding leaves. */
function draw({ probabilities }: Choices, uniform: number): string {
  let remaining = uniform
  let last = ''
  for (const [word, probability] of probabilities) {
    remaining -= probability
    if (remaining < 0) return word
    last = word
  }
  return last
}

/** The likeliest few of the words to choose from, for an error message. */
function list({ probabilities }: Choices): string {
  const words = [...probabilities].sort(([, a], [, b]) => b - a).map(([word]) => word)
  return words.length > 6 ? `${words.slice(0, 6).join(', ')}, …` : words.join(', ')
}
