import { describe, expect, it } from 'vitest'
import { unigramPerplexity } from '../../src/train/index.ts'

const train = [0, 0, 0, 1, 1, 2] // of 4 words: (3 + 1, 2 + 1, 1 + 1, 0 + 1) / 10

describe('unigramPerplexity', () => {
  it('scores all tokens but the first by their frequency, one added', () => {
    const crossEntropy = -(Math.log(0.4) + Math.log(0.3) + Math.log(0.1)) / 3
    const evaluation = unigramPerplexity(train, [2, 0, 1, 3], 4)
    expect(evaluation.crossEntropy).toBeCloseTo(crossEntropy, 12)
    expect(evaluation.perplexity).toBe(Math.exp(evaluation.crossEntropy))
    expect(evaluation.tokens).toBe(3)
  })

  it('scores the tokens at given places', () => {
    const positions = Int32Array.of(1, 3)
    const evaluation = unigramPerplexity(train, [2, 0, 1, 3], 4, { positions })
    expect(evaluation.perplexity).toBeCloseTo(1 / Math.sqrt(0.4 * 0.1), 12)
    expect(evaluation.tokens).toBe(2)
  })

  it('without a text to count, all words are alike', () => {
    expect(unigramPerplexity([], [0, 1, 2], 5).perplexity).toBeCloseTo(5, 12)
  })

  it('names what does not fit', () => {
    expect(() => unigramPerplexity([0, 4], [0, 1], 4)).toThrow(
      'unigramPerplexity: train: token id 4 at 1 is outside 0…3',
    )
    expect(() => unigramPerplexity(train, [1], 4)).toThrow(
      new RangeError('unigramPerplexity: corpus: expected at least 2 token ids, got 1'),
    )
    expect(() => unigramPerplexity(train, [1, 1], 4, { positions: Int32Array.of(0) })).toThrow(
      new RangeError('unigramPerplexity: positions[0]: expected an integer in 1…1, got 0'),
    )
  })
})
