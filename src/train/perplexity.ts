/**
 * The perplexity of a text under a model: exp of the mean cross-entropy of its words ("Deep Learning from Scratch 2",
 * ch. 5.5.3).
 */

import { checkInteger, checkOptions, checkSignal } from '../checks.ts'
import { checkVocabulary, type Vocabulary } from '../data/vocabulary.ts'
import { rangeError, typeError } from '../errors.ts'
import { IGNORED, type TokenBatch } from '../layers/index.ts'
import { checkReadableModel, type ReadableModel, Turns } from '../models/index.ts'
import { inPieces, type Pieces, ranges, rest } from '../pace.ts'
import { Tensor } from '../tensor/index.ts'
import { readTokens, type Tokens } from './tokens.ts'

export interface EvaluationOptions {
  batchSize?: number
  timeSize?: number
  /** `score` scores every token except the first; `drop` omits tokens after the last full block. */
  tail?: 'score' | 'drop'
  /**
   * Scores only the tokens at these positions (1 or later), each given all previous tokens of its stream; for example,
   * words that require a long memory.
   */
  positions?: Int32Array | undefined
  /** The vocabulary of the text, to count unknown tokens. */
  vocabulary?: Vocabulary | undefined
  signal?: AbortSignal
}

export interface Evaluation {
  perplexity: number
  /** Mean over the scored tokens, in nats. */
  crossEntropy: number
  /** The number of tokens scored. */
  tokens: number
  /** The number of scored tokens that were `<unk>`; undefined without a vocabulary. */
  unknown?: number
}

/** Streams over the text. Stream i predicts the tokens starts[i] + 1 … starts[i + 1]. */
interface Streams {
  starts: number[]
  blocks: number
}

/**
 * Reads the text as `batchSize` parallel streams, each from a zero state, in blocks of `timeSize`. The event loop
 * runs between blocks. The state of a model in training is as it was, between blocks and afterwards; its training and
 * other readers take turns with the blocks.
 */
export async function evalPerplexity(
  model: ReadableModel,
  corpus: Tokens,
  options: EvaluationOptions = {},
): Promise<Evaluation> {
  return evaluate(model, corpus, options, false)
}

/** The same for a callback of `fit`, which waits for it: other readers of the model do not come before it. */
export async function evalInCallback(
  model: ReadableModel,
  corpus: Tokens,
  options: EvaluationOptions = {},
): Promise<Evaluation> {
  return evaluate(model, corpus, options, true)
}

async function evaluate(
  model: ReadableModel,
  corpus: Tokens,
  options: EvaluationOptions,
  isOwn: boolean,
): Promise<Evaluation> {
  const {
    batchSize = 10,
    timeSize = 35,
    tail = 'score',
    positions,
    vocabulary,
    signal,
  } = checkOptions('evalPerplexity', options, [
    'batchSize',
    'timeSize',
    'tail',
    'positions',
    'vocabulary',
    'signal',
  ])
  checkInteger('evalPerplexity', 'batchSize', batchSize)
  checkInteger('evalPerplexity', 'timeSize', timeSize)
  if (tail !== 'score' && tail !== 'drop')
    throw rangeError('evalPerplexity', 'tail', "'score' or 'drop'", tail)
  checkSignal('evalPerplexity', signal)
  if (vocabulary !== undefined) checkVocabulary('evalPerplexity', vocabulary)
  checkReadableModel('evalPerplexity', model)
  const ids = await inPieces(readTokens('evalPerplexity', 'corpus', corpus, model.vocabSize), signal)
  if (ids.length < 2) throw rangeError('evalPerplexity', 'corpus', 'at least 2 token ids', ids.length)
  const targets = positions !== undefined ? await inPieces(onlyAt(ids, positions), signal) : ids
  const predictions = ids.length - 1
  const N = tail === 'score' ? Math.min(batchSize, predictions) : batchSize
  const streams =
    tail === 'score' ? wholeStreams(predictions, N, timeSize) : blockStreams(predictions, N, timeSize)

  const xs: TokenBatch = Tensor.zeros([N, timeSize], 'int32')
  const ts: TokenBatch = Tensor.zeros([N, timeSize], 'int32')
  const turns = Turns.of(model)
  let state = model.initialState(N)
  let loss = 0
  let tokens = 0
  let unknown = 0
  for (let block = 0; block < streams.blocks; block++) {
    fillBlock(ids, targets, streams, block * timeSize, xs, ts)
    unknown += vocabulary?.countUnknown(ts.data) ?? 0
    const score = await turns.take(() => model.score(xs, ts, state), { signal, isOwn })
    state = score.state
    loss += score.loss
    tokens += score.counted
    await rest(signal)
  }
  if (tokens === 0)
    throw rangeError(
      'evalPerplexity',
      'positions',
      "at least one place that is scored, since tail is 'drop'",
      positions,
    )
  const crossEntropy = loss / tokens
  const evaluation = { perplexity: Math.exp(crossEntropy), crossEntropy, tokens }
  return vocabulary === undefined ? evaluation : { ...evaluation, unknown }
}

/** The ids at `positions`, and ignored targets elsewhere. */
function* onlyAt(ids: Int32Array, positions: Int32Array): Pieces<Int32Array> {
  yield* checkPositions('evalPerplexity', positions, ids.length)
  const targets = new Int32Array(ids.length).fill(IGNORED)
  for (const [from, to] of ranges(positions.length)) {
    for (let i = from; i < to; i++) targets[positions[i]!] = ids[positions[i]!]!
    yield
  }
  return targets
}

/** Checks positions in a text of `size` tokens. Position 0 is invalid, since no token precedes it. */
export function* checkPositions(operation: string, positions: unknown, size: number): Pieces<void> {
  if (!(positions instanceof Int32Array)) throw typeError(operation, 'positions', 'an Int32Array', positions)
  if (positions.length === 0) throw rangeError(operation, 'positions', 'at least one place', positions)
  for (const [from, to] of ranges(positions.length)) {
    for (let i = from; i < to; i++)
      if (!(positions[i]! >= 1 && positions[i]! < size))
        checkInteger(operation, `positions[${i}]`, positions[i], 1, size - 1)
    yield
  }
}

/** N streams that cover everything and differ in length by at most one token. */
function wholeStreams(predictions: number, N: number, T: number): Streams {
  const starts = Array.from({ length: N + 1 }, (_, i) => Math.floor((i * predictions) / N))
  return { starts, blocks: Math.ceil(Math.ceil(predictions / N) / T) }
}

/** N streams of the same number of whole blocks, as in the book. */
function blockStreams(predictions: number, N: number, T: number): Streams {
  const blocks = Math.floor(predictions / (N * T))
  if (blocks === 0) {
    throw rangeError(
      'evalPerplexity',
      'corpus',
      `more than batchSize × timeSize = ${N} × ${T} = ${N * T} token ids, since tail is 'drop'`,
      predictions + 1,
    )
  }
  const jump = Math.floor(predictions / N)
  return { starts: Array.from({ length: N + 1 }, (_, i) => i * jump), blocks }
}

/** Positions after the end of a stream get ignored targets. */
function fillBlock(
  ids: Int32Array,
  targets: Int32Array,
  { starts }: Streams,
  time: number,
  xs: TokenBatch,
  ts: TokenBatch,
): void {
  const [N, T] = xs.shape
  for (let i = 0; i < N; i++) {
    for (let t = 0; t < T; t++) {
      const place = starts[i]! + time + t
      const isInside = place < starts[i + 1]!
      xs.data[i * T + t] = isInside ? ids[place]! : 0
      ts.data[i * T + t] = isInside ? targets[place + 1]! : IGNORED
    }
  }
}
