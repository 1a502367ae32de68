/**
 * The unigram model: each word by its frequency alone, whatever came before. With c(w) the count of w among the C words
 * of the training text, and one added for each of the V words so that none is impossible (Laplace's rule):
 *
 *     p(w) = (c(w) + 1) / (C + V)
 */
import { checkInteger, checkNoOthers, checkOptions, rangeError } from '../errors.ts'
import { checkPositions, type Evaluation } from './perplexity.ts'
import { readTokens, type Tokens } from './tokens.ts'

/**
 * Scores the tokens of a text that evalPerplexity scores: all but the first, or those at `positions`.
 * @param train the text that the frequencies are taken from
 */
export function unigramPerplexity(
  train: Tokens,
  corpus: Tokens,
  vocabSize: number,
  options: { positions?: Int32Array | undefined } = {},
): Evaluation {
  const name = 'unigramPerplexity'
  const V = checkInteger(name, 'vocabSize', vocabSize)
  const counted = readTokens(name, 'train', train, V)
  const ids = readTokens(name, 'corpus', corpus, V)
  if (ids.length < 2) throw rangeError(name, 'corpus', 'at least 2 token ids', ids.length)
  const { positions, ...others } = checkOptions(name, options)
  checkNoOthers(name, others)
  if (positions) checkPositions(name, positions, ids.length)
  const counts = new Float64Array(V).fill(1)
  for (const id of counted) counts[id]! += 1
  const scored = positions ? positions.map((position) => ids[position]!) : ids.subarray(1)
  const total = counted.length + V
  const loss = Array.from(scored, (id) => -Math.log(counts[id]! / total)).reduce((sum, value) => sum + value)
  const crossEntropy = loss / scored.length
  return { perplexity: Math.exp(crossEntropy), crossEntropy, tokens: scored.length }
}
