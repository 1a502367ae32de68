/**
 * Scores sentences. A sentence consists of its tokens w₁ … wₙ₋₁ and wₙ = `<eos>`:
 *
 *     log P = Σ log P(wᵢ | w₀ … wᵢ₋₁),    w₀ = `<eos>`,    perplexity = exp(−log P / n)
 *
 * Logarithms are natural. The model reads w₀ from a zero state, so each sentence is scored as if at the beginning of a
 * text. With `continued`, each sentence continues the previous one; the sum is then that of `evalPerplexity` over
 * `<eos>` and the text, read as one stream.
 *
 * Memory: the scores of a block of N sentences and T tokens, N·T·V floats, about 16 MB.
 */

import { checkFlag, checkOptions, checkSignal } from '../checks.ts'
import { readInPieces } from '../data/text-blocks.ts'
import { END_OF_SENTENCE } from '../data/tokenizer.ts'
import { checkVocabulary, type Vocabulary } from '../data/vocabulary.ts'
import { rangeError, typeError } from '../errors.ts'
import type { TokenBatch } from '../layers/index.ts'
import { checkReadableModel, IGNORED, type ReadableModel, Turns } from '../models/index.ts'
import { inPieces, type Pieces, ranges, rest } from '../pace.ts'
import { Tensor } from '../tensor/index.ts'

export interface SentenceScore {
  /** The number of tokens scored, including the end of the sentence. */
  tokens: number
  /** The number of unknown tokens, which were scored as `<unk>`. */
  unknown: number
  /** The log-probability in nats. */
  logProbability: number
  perplexity: number
}

export interface ScoreOptions {
  /** Whether each sentence continues the previous one; defaults to false. */
  continued?: boolean
  signal?: AbortSignal
}

const LARGEST_BATCH = 32
/** The number of sequences that are sorted by length at a time. */
const SORTED_TOGETHER = 2 ** 12
const LONGEST_BLOCK = 32
/** N·T·V of a block. */
const BLOCK_SCORES = 2 ** 22

/**
 * Scores sentences in the given order. The event loop runs between blocks. The state of a model in training is not
 * affected.
 * @param sentences one line each; unknown words are scored as `<unk>`, and are errors if the vocabulary has no `<unk>`
 */
export async function scoreSentences(
  model: ReadableModel,
  vocabulary: Vocabulary,
  sentences: readonly string[],
  options: ScoreOptions = {},
): Promise<SentenceScore[]> {
  checkReadableModel('scoreSentences', model)
  checkVocabulary('scoreSentences', vocabulary)
  if (!Array.isArray(sentences))
    throw typeError('scoreSentences', 'sentences', 'an array of strings', sentences)
  const sequences = await inPieces(encodeAll(vocabulary, sentences), options?.signal)
  return scoreSequences(model, vocabulary, sequences, options)
}

function* encodeAll(vocabulary: Vocabulary, sentences: readonly string[]): Pieces<Int32Array[]> {
  const sequences: Int32Array[] = []
  for (const [i, sentence] of sentences.entries())
    sequences.push(yield* encodeSentence(vocabulary, sentence, `scoreSentences: sentences[${i}]`))
  return sequences
}

/**
 * The ids of a sentence and its end.
 * @param name name of the sentence in errors
 */
export function* encodeSentence(vocabulary: Vocabulary, sentence: string, name: string): Pieces<Int32Array> {
  if (typeof sentence !== 'string') throw new TypeError(`${name}: expected a string, got ${typeof sentence}`)
  const end = endOfSentence(vocabulary)
  const tokenizer = yield* vocabulary.tokenizer(() => name)
  yield* readInPieces(tokenizer, Buffer.from(sentence), vocabulary.unit)
  tokenizer.end()
  const ids = tokenizer.takeIds()
  const place = ids.indexOf(end)
  if (place < 0) return yield* concatenate([ids, Int32Array.of(end)])
  if (place < ids.length - 1) throw new RangeError(`${name}: expected one sentence, got several lines`)
  return ids
}

function endOfSentence(vocabulary: Vocabulary): number {
  const id = vocabulary.wordToId.get(END_OF_SENTENCE)
  if (id === undefined) throw rangeError('score', 'vocabulary', `one that has ${END_OF_SENTENCE}`, vocabulary)
  return id
}

/** @param sequences ids of sentences with their ends */
export async function scoreSequences(
  model: ReadableModel,
  vocabulary: Vocabulary,
  sequences: readonly Int32Array[],
  options: ScoreOptions = {},
): Promise<SentenceScore[]> {
  const { continued = false, signal } = checkOptions('scoreSentences', options, ['continued', 'signal'])
  checkFlag('scoreSentences', 'continued', continued)
  checkSignal('scoreSentences', signal)
  const start = endOfSentence(vocabulary)
  const scores: SentenceScore[] = []
  const sumUp = (part: readonly Int32Array[], ofTokens: readonly Float64Array[]) =>
    inPieces(sumUpEach(part, ofTokens, vocabulary.unknownId, scores), signal)
  if (continued && sequences.length > 0) {
    const all = await inPieces(concatenate(sequences), signal)
    const [ofTokens] = await logProbabilities(model, start, [all], signal)
    await sumUp(sequences, [ofTokens!])
  } else {
    for (const [from, to] of ranges(sequences.length, SORTED_TOGETHER)) {
      const part = sequences.slice(from, to)
      await sumUp(part, await logProbabilities(model, start, part, signal))
    }
  }
  return scores
}

function* concatenate(sequences: readonly Int32Array[]): Pieces<Int32Array> {
  let size = 0
  for (const { length } of sequences) size += length
  const all = new Int32Array(size)
  let end = 0
  for (const ids of sequences) {
    all.set(ids, end)
    end += ids.length
    yield
  }
  return all
}

/**
 * @param ofTokens log-probabilities of the tokens of each sequence, or of all sequences in one array
 * @param scores receives the sums
 */
function* sumUpEach(
  sequences: readonly Int32Array[],
  ofTokens: readonly Float64Array[],
  unknownId: number | undefined,
  scores: SentenceScore[],
): Pieces<void> {
  let place = 0
  for (const [k, ids] of sequences.entries()) {
    const isOne = ofTokens.length < sequences.length
    const figures = ofTokens[isOne ? 0 : k]!
    const start = isOne ? place : 0
    const tokens = ids.length
    let logProbability = 0
    let unknown = 0
    for (const [from, to] of ranges(tokens)) {
      for (let i = from; i < to; i++) {
        logProbability += figures[start + i]!
        if (ids[i] === unknownId) unknown++
      }
      yield
    }
    place += tokens
    scores.push({ tokens, unknown, logProbability, perplexity: Math.exp(-logProbability / tokens) })
  }
}

/** The log-probability of each token given the previous ones. Sequences of similar length are read in parallel. */
async function logProbabilities(
  model: ReadableModel,
  start: number,
  sequences: readonly Int32Array[],
  signal: AbortSignal | undefined,
): Promise<Float64Array[]> {
  const results = sequences.map(({ length }) => new Float64Array(length))
  const order = [...sequences.keys()].sort((a, b) => sequences[a]!.length - sequences[b]!.length)
  const N = Math.min(LARGEST_BATCH, sequences.length)
  const longest = sequences[order.at(-1)!]!.length
  const room = Math.max(1, Math.floor(BLOCK_SCORES / (N * model.vocabSize)))
  const block = new ScoringBlock(model, N, Math.min(longest, room, LONGEST_BLOCK))
  for (let first = 0; first < order.length; first += N) {
    const batch = order.slice(first, first + N)
    await block.score(
      start,
      batch.map((i) => sequences[i]!),
      batch.map((i) => results[i]!),
      signal,
    )
  }
  return results
}

class ScoringBlock {
  readonly #model: ReadableModel
  readonly #xs: TokenBatch
  readonly #ts: TokenBatch

  constructor(model: ReadableModel, N: number, T: number) {
    this.#model = model
    this.#xs = Tensor.zeros([N, T], 'int32')
    this.#ts = Tensor.zeros([N, T], 'int32')
  }

  /** Reads at most N sequences and writes the log-probability of each token. */
  async score(
    start: number,
    sequences: readonly Int32Array[],
    results: readonly Float64Array[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const [N, T] = this.#xs.shape
    const longest = Math.max(...sequences.map(({ length }) => length))
    const turns = Turns.of(this.#model)
    let state = this.#model.initialState(N)
    for (let time = 0; time < longest; time += T) {
      this.#fill(start, sequences, time)
      const score = await turns.take(() => this.#model.score(this.#xs, this.#ts, state), { signal })
      state = score.state
      results.forEach((result, i) => {
        const end = Math.min(T, result.length - time)
        for (let t = 0; t < end; t++) result[time + t] = -score.losses[i * T + t]!
      })
      await rest(signal)
    }
  }

  #fill(start: number, sequences: readonly Int32Array[], time: number): void {
    const [N, T] = this.#xs.shape
    for (let i = 0; i < N; i++) {
      const ids = sequences[i]
      for (let t = 0; t < T; t++) {
        const place = time + t
        this.#xs.data[i * T + t] = (place === 0 ? start : ids?.[place - 1]) ?? 0
        this.#ts.data[i * T + t] = ids?.[place] ?? IGNORED
      }
    }
  }
}
