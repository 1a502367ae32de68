/**
 * Generates text token by token. With the scores s of the next token, temperature τ and the set K of the k best tokens:
 *
 *     P(w) = exp(s_w / τ) / Σ_{v ∈ K} exp(s_v / τ)    for w ∈ K, and 0 for others
 *
 * τ = 0 is greedy decoding. The model starts from a zero state and reads `<eos>` and the prompt.
 */

import { checkInteger, checkNumber, checkOptions, checkSignal } from '../checks.ts'
import { END_OF_SENTENCE, UNKNOWN } from '../data/tokenizer.ts'
import { checkVocabulary, type Vocabulary } from '../data/vocabulary.ts'
import { rangeError, typeError } from '../errors.ts'
import { checkReadableModel, type ReadableModel, Turns } from '../models/index.ts'
import { inPieces, type Pieces, ranges, rest, sorted } from '../pace.ts'
import { Random, Tensor } from '../tensor/index.ts'

export interface GenerateOptions {
  /** The beginning of the text; defaults to none. */
  prompt?: string
  /** Number of tokens to generate; defaults to 100. */
  tokens?: number
  /**
   * Divides the scores: below 1 favours probable tokens, above 1 improbable ones; 0 is greedy decoding. Defaults to 1.
   */
  temperature?: number
  /** Sample only from this many of the most probable tokens; defaults to all. */
  topK?: number
  /** Words that are never sampled; defaults to `['<unk>']`. An empty list allows all. */
  skip?: readonly string[]
  /** Random seed; the same seed generates the same text. Defaults to 0. */
  seed?: number | bigint
  signal?: AbortSignal
}

/**
 * Yields the words (or characters) that follow the prompt. `<eos>` is the end of a line. The state of a model in
 * training is not affected.
 */
export async function* generate(
  model: ReadableModel,
  vocabulary: Vocabulary,
  options: GenerateOptions = {},
): AsyncGenerator<string, void, undefined> {
  for await (const id of generateIds(model, vocabulary, options)) yield vocabulary.wordOf(id)
}

/** As `generate`, but yields ids. */
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
    skip = [UNKNOWN],
    seed = 0,
    signal,
  } = checkOptions('generate', options, ['prompt', 'tokens', 'temperature', 'topK', 'skip', 'seed', 'signal'])
  checkReadableModel('generate', model)
  checkVocabulary('generate', vocabulary)
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
    const scores = data.subarray(offset, offset + model.vocabSize)
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

/** Ties go to the lower id. */
function* bestIds(scores: Float32Array, count: number): Pieces<number[]> {
  const ids = yield* sorted([...scores.keys()], (a, b) => scores[b]! - scores[a]! || a - b)
  return ids.slice(0, count)
}
