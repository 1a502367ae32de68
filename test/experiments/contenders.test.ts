import { describe, expect, it } from 'vitest'
import { loadTexts } from '../../src/data/texts.ts'
import { CONTENDERS, type ContenderOptions, trainContender } from '../../src/experiments/index.ts'
import { unigramPerplexity } from '../../src/train/index.ts'

const { valid: all, memoryPositions: places, ...others } = await loadTexts({ data: 'builtin', limit: 2001 })
const texts = {
  ...others,
  valid: all!.subarray(0, 1500),
  memoryPositions: places!.filter((place) => place < 1500),
}
const V = texts.vocabulary.size
const OPTIONS: ContenderOptions = { maxEpoch: 2, seed: 1, window: 3 }

describe('trainContender', () => {
  it.each(CONTENDERS.slice(1))('%s: trains, and measures after each epoch', async (contender) => {
    const epochs: number[] = []
    let iterations = 0
    const result = await trainContender(contender, texts, {
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
    const again = await trainContender(contender, texts, OPTIONS)
    expect({ ...again, wordsPerSecond: 0 }).toEqual({ ...result, wordsPerSecond: 0 })
  })

  it('unigram: counts', async () => {
    const { train, valid, memoryPositions: positions } = texts
    const result = await trainContender('unigram', texts, OPTIONS)
    expect(result.perplexity).toBe(unigramPerplexity(train, valid, V).perplexity)
    expect(result.memoryPerplexity).toBe(unigramPerplexity(train, valid, V, { positions }).perplexity)
    expect(result).toMatchObject({
      contender: 'unigram',
      parameters: V,
      validPerplexities: [result.perplexity],
      memoryPerplexities: [result.memoryPerplexity],
    })
  })

  it('counts the parameters, and sees the window', async () => {
    const parametersOf = async (window: number) =>
      (await trainContender('nplm', texts, { ...OPTIONS, maxEpoch: 1, window })).parameters
    expect((await parametersOf(3)) - (await parametersOf(1))).toBe(2 * 100 * 100)
  })

  it('leaves out the memory words where nobody knows them', async () => {
    const { memoryPositions: _, ...unknown } = texts
    for (const contender of ['unigram', 'cbow'] as const) {
      const result = await trainContender(contender, unknown, OPTIONS)
      expect(result).not.toHaveProperty('memoryPerplexity')
      expect(result).not.toHaveProperty('memoryPerplexities')
    }
  })

  it('stops when it is told to, and names what does not fit', async () => {
    const stopped = trainContender('rnn', texts, { ...OPTIONS, signal: AbortSignal.abort('enough') })
    await expect(stopped).rejects.toBe('enough')
    await expect(trainContender('bigram' as never, texts, OPTIONS)).rejects.toThrow(
      'trainContender: contender: expected unigram, cbow, nplm, rnn, lstm, gru, got "bigram"',
    )
    const { valid: _, ...withoutValid } = texts
    await expect(trainContender('rnn', withoutValid, OPTIONS)).rejects.toThrow(
      'trainContender: texts.valid: expected a validation text, got undefined',
    )
  })
})
