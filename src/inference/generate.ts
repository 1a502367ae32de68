/**
 * Text from a model, token by token: with the scores s of the next token, temperature τ and the k best tokens K,
 *
 *     P(w) = exp(s_w / τ) / Σ_{v ∈ K} exp(s_v / τ)    for w ∈ K, and 0 for others;
 *
 * τ = 0 takes the best token always. The model reads `<eos>` and the prompt from a zero state.
 */

import { checkInteger, checkNumber, checkOptions, checkSignal } from '../checks.ts'
import { END_OF_SENTENCE } from '../data/tokenizer.ts'
import type { Vocabulary } from '../data/vocabulary.ts'
import { rangeError, typeError } from '../errors.ts'
import { type ReadableModel, Turns } from '../models/index.ts'
import { inPieces, type Pieces, ranges, rest, sorted } from '../pace.ts'
import { Random, Tensor } from '../tensor/index.ts'

export interface GenerateOptions {
  /** What the text begins with; nothing. */
  prompt?: string
  /** How many tokens to draw; 100. */
  tokens?: number
  /** Below 1 the likely tokens become likelier still, above 1 less so; 1. */
  temperature?: number
  /** Draw from so many of the best tokens only; all. */
  topK?: number
  /** Words that are never drawn, such as `<unk>`; none. */
  skip?: readonly string[]
  /** The same seed draws the same text; 0. */
  seed?: number | bigint
  signal?: AbortSignal
}

/** The words, or characters, that follow the prompt; `<eos>` is the end of a line. A model in training is left as it is. */
export async function* generate(
  model: ReadableModel,
  vocabulary: Vocabulary,
  options: GenerateOptions = {},
): AsyncGenerator<string, void, undefined> {
  for await (const id of generateIds(model, vocabulary, options)) yield vocabulary.wordOf(id)
}

/** The same as ids. */
export async function* generateIds(
  model: ReadableModel,
  vocabulary: Vocabulary,
  options: GenerateOptions = {},
): AsyncGenerator<number, void, undefined> {
  const {
    prompt = '',
    tokens = 100,
    temperature = 1,
    topK,
    skip = [],
    seed = 0,
    signal,
  } = checkOptions('generate', options, ['prompt', 'tokens', 'temperature', 'topK', 'skip', 'seed', 'signal'])
  checkSignal('generate', signal)
  checkInteger('generate', 'tokens', tokens, 0)
  checkNumber('generate', 'temperature', temperature, 0)
  if (topK !== undefined) checkInteger('generate', 'topK', topK)
  if (!Array.isArray(skip)) throw typeError('generate', 'skip', 'an array of words', skip)
  const rng = new Random(seed)
  const endOfSentence = vocabulary.wordToId.get(END_OF_SENTENCE)
  const promptIds = await inPieces(vocabulary.encodeInPieces(prompt), signal)
  const first = endOfSentence ?? promptIds[0]
  if (first === undefined) {
    throw rangeError('generate', 'prompt', `a word, since the vocabulary has no ${END_OF_SENTENCE}`, prompt)
  }
  const skipped = skip.map((word) => vocabulary.wordToId.get(word)).filter((id) => id !== undefined)
  if (skipped.length >= vocabulary.size) throw rangeError('generate', 'skip', 'not all words', skip)
  const turns = Turns.of(model)
  let state = model.initialState()
  let last = first
  for (const id of endOfSentence === undefined ? promptIds.subarray(1) : promptIds) {
    const xs = Tensor.from(Int32Array.of(last), [1, 1])
    state = await turns.take(() => model.read(xs, state), { signal })
    await rest(signal)
    last = id
  }
  for (let i = 0; i < tokens; i++) {
    const step = await turns.take(() => model.step(Int32Array.of(last), state), { signal })
    state = step.state
    const { data, offset } = step.logProbs
    const scores = data.slice(offset, offset + model.vocabSize)
    for (const id of skipped) scores[id] = -Infinity
    last = await inPieces(draw(scores, temperature, topK, rng), signal)
    yield last
    await rest(signal)
  }
}

function* draw(
  scores: Float32Array,
  temperature: number,
  topK: number | undefined,
  rng: Random,
): Pieces<number> {
  const best = yield* bestOf(scores)
  if (temperature === 0) return best
  const ids = topK === undefined || topK >= scores.length ? undefined : yield* bestIds(scores, topK)
  const weights = new Float64Array(ids?.length ?? scores.length)
  let sum = 0
  for (const [from, to] of ranges(weights.length)) {
    for (let i = from; i < to; i++) {
      weights[i] = Math.exp((scores[ids ? ids[i]! : i]! - scores[best]!) / temperature)
      sum += weights[i]!
    }
    yield
  }
  let remaining = rng.uniform() * sum
  for (let i = 0; i < weights.length; i++) {
    remaining -= weights[i]!
    if (remaining < 0) return ids ? ids[i]! : i
  }
  return best
}

function* bestOf(scores: Float32Array): Pieces<number> {
  let best = 0
  for (const [from, to] of ranges(scores.length)) {
    for (let id = from; id < to; id++) if (scores[id]! > scores[best]!) best = id
    yield
  }
  return best
}

/** Of equal scores, the earlier one. */
function* bestIds(scores: Float32Array, count: number): Pieces<number[]> {
  const ids = yield* sorted([...scores.keys()], (a, b) => scores[b]! - scores[a]! || a - b)
  return ids.slice(0, count)
}
