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
import { checkVocabulary, type Vocabulary } from '../data/vocabulary.ts'
import { typeError } from '../errors.ts'
import { IGNORED, type TokenBatch } from '../layers/index.ts'
import { checkReadableModel, type ReadableModel, Turns } from '../models/index.ts'
import { inPieces, type Pieces, ranges, rest } from '../pace.ts'
import { Tensor } from '../tensor/index.ts'
import { type EncodedSentence, encodeSentence, endOfSentence } from './encode-sentence.ts'

export interface WordScore {
  /** The word as it was written; `<eos>` for the end of the sentence. */
  word: string
  /** The log-probability in nats, given the words before it. */
  logProbability: number
  /** Whether it was scored as `<unk>`. */
  unknown: boolean
}

export interface SentenceScore {
  /** The number of tokens scored, including the end of the sentence. */
  tokens: number
  /** The number of unknown tokens, which were scored as `<unk>`. */
  unknown: number
  /** The log-probability in nats. */
  logProbability: number
  perplexity: number
  /** The score of each token, if it was asked for. */
  words?: WordScore[]
}

export interface ScoreOptions {
  /** Whether each sentence continues the previous one; defaults to false. */
  continued?: boolean
  /** Whether to return the score of each token as `words`; defaults to false. */
  words?: boolean
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
  const encoded = await inPieces(encodeAll(vocabulary, sentences), options?.signal)
  return scoreEncoded(model, vocabulary, encoded, options)
}

function* encodeAll(vocabulary: Vocabulary, sentences: readonly string[]): Pieces<EncodedSentence[]> {
  const encoded: EncodedSentence[] = []
  for (const [i, sentence] of sentences.entries())
    encoded.push(yield* encodeSentence(vocabulary, sentence, `scoreSentences: sentences[${i}]`))
  return encoded
}

export async function scoreEncoded(
  model: ReadableModel,
  vocabulary: Vocabulary,
  sentences: readonly EncodedSentence[],
  options: ScoreOptions = {},
): Promise<SentenceScore[]> {
  const {
    continued = false,
    words = false,
    signal,
  } = checkOptions('scoreSentences', options, ['continued', 'words', 'signal'])
  checkFlag('scoreSentences', 'continued', continued)
  checkFlag('scoreSentences', 'words', words)
  checkSignal('scoreSentences', signal)
  const start = endOfSentence(vocabulary)
  const scores: SentenceScore[] = []
  const sumUp = (part: readonly EncodedSentence[], figures: readonly Float64Array[]) =>
    inPieces(sumUpEach(part, figures, vocabulary, words, scores), signal)
  if (continued && sentences.length > 0) {
    const sequences = sentences.map(({ ids }) => ids)
    const all = await inPieces(concatenate(sequences), signal)
    const [figures] = await logProbabilities(model, start, [all], signal)
    await sumUp(sentences, [...split(figures!, sequences)])
  } else {
    for (const [from, to] of ranges(sentences.length, SORTED_TOGETHER)) {
      const part = sentences.slice(from, to)
      const sequences = part.map(({ ids }) => ids)
      await sumUp(part, await logProbabilities(model, start, sequences, signal))
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

/** The figures of each sequence, from those of all sequences. */
function* split(figures: Float64Array, sequences: readonly Int32Array[]): Generator<Float64Array> {
  let end = 0
  for (const { length } of sequences) {
    yield figures.subarray(end, end + length)
    end += length
  }
}

/**
 * @param figures log-probabilities of the tokens of each sentence
 * @param scores receives the sums
 */
function* sumUpEach(
  sentences: readonly EncodedSentence[],
  figures: readonly Float64Array[],
  vocabulary: Vocabulary,
  withWords: boolean,
  scores: SentenceScore[],
): Pieces<void> {
  for (const [k, sentence] of sentences.entries()) {
    const ofTokens = figures[k]!
    const tokens = ofTokens.length
    let logProbability = 0
    for (const [from, to] of ranges(tokens)) {
      for (let i = from; i < to; i++) logProbability += ofTokens[i]!
      yield
    }
    const score: SentenceScore = {
      tokens,
      unknown: sentence.unknownWords.length,
      logProbability,
      perplexity: Math.exp(-logProbability / tokens),
    }
    if (withWords) score.words = yield* wordScores(vocabulary, sentence, ofTokens)
    scores.push(score)
  }
}

function* wordScores(
  { unknownId, idToWord }: Vocabulary,
  { ids, unknownWords }: EncodedSentence,
  figures: Float64Array,
): Pieces<WordScore[]> {
  const words: WordScore[] = []
  const written = unknownWords.values()
  for (const [from, to] of ranges(ids.length, 2 ** 12)) {
    for (let i = from; i < to; i++) {
      const unknown = ids[i] === unknownId
      const word = unknown ? written.next().value! : idToWord[ids[i]!]!
      words.push({ word, logProbability: figures[i]!, unknown })
    }
    yield
  }
  return words
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
