/**
 * The unigram model, which predicts each word from its frequency alone. With c(w) the count of w among the C words of
 * the training text, and add-one smoothing over the V words (Laplace's rule):
 *
 *     p(w) = (c(w) + 1) / (C + V)
 */
import { checkInteger, checkOptions } from '../checks.ts'
import { rangeError } from '../errors.ts'
import { atOnce, type Pieces, ranges } from '../pace.ts'
import { checkPositions, type Evaluation } from './perplexity.ts'
import { readTokens, type Tokens } from './tokens.ts'

/**
 * Evaluates the unigram model on the tokens that `evalPerplexity` scores: all except the first, or those at
 * `positions`.
 * @param train the text on which frequencies are counted
 */
export function unigramPerplexity(
  train: Tokens,
  corpus: Tokens,
  vocabSize: number,
  options: { positions?: Int32Array | undefined } = {},
): Evaluation {
  return atOnce(unigramInPieces(train, corpus, vocabSize, options))
}

/** As `unigramPerplexity`, in pieces. */
export function* unigramInPieces(
  train: Tokens,
  corpus: Tokens,
  vocabSize: number,
  options: { positions?: Int32Array | undefined } = {},
): Pieces<Evaluation> {
  const name = 'unigramPerplexity'
  const V = checkInteger(name, 'vocabSize', vocabSize)
  const counted = yield* readTokens(name, 'train', train, V)
  const ids = yield* readTokens(name, 'corpus', corpus, V)
  if (ids.length < 2) throw rangeError(name, 'corpus', 'at least 2 token ids', ids.length)
  const { positions } = checkOptions(name, options, ['positions'])
  if (positions !== undefined) yield* checkPositions(name, positions, ids.length)
  const counts = new Float64Array(V).fill(1)
  for (const [from, to] of ranges(counted.length)) {
    for (let i = from; i < to; i++) counts[counted[i]!]! += 1
    yield
  }
  const total = counted.length + V
  const tokens = positions ? positions.length : ids.length - 1
  let loss = 0
  for (const [from, to] of ranges(tokens)) {
    for (let i = from; i < to; i++) loss -= Math.log(counts[ids[positions ? positions[i]! : i + 1]!]! / total)
    yield
  }
  const crossEntropy = loss / tokens
  return { perplexity: Math.exp(crossEntropy), crossEntropy, tokens }
}
