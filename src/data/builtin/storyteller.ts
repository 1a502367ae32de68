/**
 * Writes stories with the grammar, and scores texts by parsing them with the same grammar. Both are one loop that
 * differs only in the source of the next word.
 */
import { checkInteger } from '../../checks.ts'
import { rangeError } from '../../errors.ts'
import { atOnce, type Pieces, ranges } from '../../pace.ts'
import type { Choices, Memory } from './grammar.ts'
import { STORY } from './stories.ts'

/** A text, its vocabulary and its probabilities under the grammar. */
export interface BuiltinCorpus {
  /** Word ids. */
  readonly corpus: Int32Array
  /** The complete vocabulary and its ids, which are the same for every text. */
  readonly wordToId: Map<string, number>
  readonly idToWord: string[]
  /** The log-probability (natural) of each word given all previous words; as long as `corpus`. */
  readonly logProbabilities: Float64Array
  /** Positions in `corpus` of the words that require a long memory: the answer to whom she greets. */
  readonly memoryPositions: Int32Array
}

const ID_TO_WORD: readonly string[] = [...STORY.words]
const WORD_TO_ID: ReadonlyMap<string, number> = new Map(ID_TO_WORD.map((word, id) => [word, id]))

/** Runs one story after another: yields the distribution of the next word and receives the word. */
export function* storyteller(): Generator<Choices, never, string> {
  const memory: Memory = new Map()
  while (true) {
    memory.clear()
    yield* STORY.rest(yield STORY.first(memory), memory)
  }
}

/** Writes `words` words. `uniform` returns random numbers in [0, 1). */
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
 * The log-probability (natural) of each word of a text given all previous words. The text must begin at the start of a
 * story and may end anywhere.
 * @throws {RangeError} naming the first position whose word the grammar cannot produce
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
 * The floor: the perplexity of the grammar on the words `from` (inclusive) to `to` (exclusive), given all previous
 * words. No model can be expected to do better on new stories.
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

/** Runs the grammar for `words` words. `wordAt` returns the next word for each distribution. */
function* follow(words: number, wordAt: (choices: Choices, position: number) => string): Pieces<void> {
  const telling = storyteller()
  let choices = telling.next().value
  for (const [from, to] of ranges(words, 2 ** 10)) {
    for (let position = from; position < to; position++)
      choices = telling.next(wordAt(choices, position)).value
    yield
  }
}

/** The word at which the cumulative probability exceeds `uniform`; the last word if rounding prevents that. */
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

/** The most probable words of a distribution, for an error message. */
function list({ probabilities }: Choices): string {
  const words = [...probabilities].sort(([, a], [, b]) => b - a).map(([word]) => word)
  return words.length > 6 ? `${words.slice(0, 6).join(', ')}, …` : words.join(', ')
}
