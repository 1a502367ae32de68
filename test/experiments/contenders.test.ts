import { describe, expect, it } from 'vitest'
import { loadTexts } from '../../src/data/texts.ts'
import { RIVALS, type RivalOptions, trainRival } from '../../src/experiments/index.ts'
import { unigramPerplexity } from '../../src/train/index.ts'

const { valid: all, memoryPositions: places, ...others } = await loadTexts({ data: 'builtin', limit: 2001 })
const texts = {
  ...others,
  valid: all!.subarray(0, 1500),
  memoryPositions: places!.filter((place) => place < 1500),
}
const V = texts.vocabulary.size
const OPTIONS: RivalOptions = { maxEpoch: 2, seed: 1, window: 3 }

describe('trainRival', () => {
  it.each(RIVALS.slice(1))('%s: trains, and measures after each epoch', async (rival) => {
    const epochs: number[] = []
    let iterations = 0
    const result = await trainRival(rival, texts, {
      ...OPTIONS,
      onProgress: () => void iterations++,
      onEpoch: (_, perplexity) => void epochs.push(perplexity),
    })
    expect(iterations).toBe(10)
    expect(result.validPerplexities).toEqual(epochs)
    expect(epochs).toHaveLength(2)
    expect(result.perplexity).toBe(Math.min(...epochs))
    expect(result.memoryPerplexities).toHaveLength(2)
    expect(result.memoryPerplexity).toBeGreaterThan(1)
    expect(result.memoryPerplexity).toBe(result.memoryPerplexities![epochs.indexOf(result.perplexity)])
    expect(result.wordsPerSecond).toBeGreaterThan(0)
    const again = await trainRival(rival, texts, OPTIONS)
    expect({ ...again, wordsPerSecond: 0 }).toEqual({ ...result, wordsPerSecond: 0 })
  })

  it('unigram: counts', async () => {
    const { train, valid, memoryPositions: positions } = texts
    const result = await trainRival('unigram', texts, OPTIONS)
    expect(result.perplexity).toBe(unigramPerplexity(train, valid, V).perplexity)
    expect(result.memoryPerplexity).toBe(unigramPerplexity(train, valid, V, { positions }).perplexity)
    expect(result).toMatchObject({
      rival: 'unigram',
      parameters: V,
      validPerplexities: [result.perplexity],
      memoryPerplexities: [result.memoryPerplexity],
    })
  })

  it('counts the parameters, and sees the window', async () => {
    const parametersOf = async (window: number) =>
      (await trainRival('nplm', texts, { ...OPTIONS, maxEpoch: 1, window })).parameters
    expect((await parametersOf(3)) - (await parametersOf(1))).toBe(2 * 100 * 100)
  })

  it('leaves out the memory words where nobody knows them', async () => {
    const { memoryPositions: _, ...unknown } = texts
    for (const rival of ['unigram', 'cbow'] as const) {
      const result = await trainRival(rival, unknown, OPTIONS)
      expect(result).not.toHaveProperty('memoryPerplexity')
      expect(result).not.toHaveProperty('memoryPerplexities')
    }
  })

  it('stops when it is told to, and names what does not fit', async () => {
    const stopped = trainRival('rnn', texts, { ...OPTIONS, signal: AbortSignal.abort('enough') })
    await expect(stopped).rejects.toBe('enough')
    await expect(trainRival('bigram' as never, texts, OPTIONS)).rejects.toThrow(
      'trainRival: rival: expected unigram, cbow, nplm, rnn, lstm, gru, got "bigram"',
    )
    const { valid: _, ...withoutValid } = texts
    await expect(trainRival('rnn', withoutValid, OPTIONS)).rejects.toThrow(
      'trainRival: texts.valid: expected a validation text, got undefined',
    )
  })
})
