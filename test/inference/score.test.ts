import { describe, expect, it } from 'vitest'
import { encodeText } from '../../src/data/text.ts'
import { Vocabulary } from '../../src/data/vocabulary.ts'
import { scoreSentences } from '../../src/inference/index.ts'
import { LanguageModel } from '../../src/models/index.ts'
import { Random, Tensor } from '../../src/tensor/index.ts'
import { evalPerplexity } from '../../src/train/index.ts'

const SENTENCES = [
  'the cat sat on the mat',
  'a dog',
  'the dog sat',
  'on the mat the cat saw a dog and a cat on a mat',
  'cat',
]
const vocabulary = new Vocabulary([...'the cat sat on mat a dog and saw'.split(' '), '<eos>', '<unk>'])
const END = vocabulary.idOf('<eos>')

function newModel(cell: 'rnn' | 'lstm' | 'gru' = 'lstm', vocabSize = vocabulary.size): LanguageModel {
  const model = new LanguageModel({ cell, vocabSize, wordvecSize: 6, hiddenSize: 8, layers: 2, dropout: 0.5 })
  const rng = new Random(3)
  for (const param of model.params) rng.fillNormal(param.data, 0.7)
  return model
}

/** By softmax in float64, one token after the other. */
function naiveScore(model: LanguageModel, ids: number[]): number {
  model.resetState()
  model.training = false
  let sum = 0
  for (let i = 0; i < ids.length; i++) {
    const before = Int32Array.of(i === 0 ? END : ids[i - 1]!)
    const scores = [...model.predict(Tensor.from(before, [1, 1])).clone().data]
    const total = scores.reduce((sum, score) => sum + Math.exp(score), 0)
    sum += scores[ids[i]!]! - Math.log(total)
  }
  model.resetState()
  return sum
}

const idsOf = (sentence: string) => [...vocabulary.encode(sentence), END]

describe('scoreSentences', () => {
  it.each(['rnn', 'lstm', 'gru'] as const)(
    'is a naive sum over the tokens and the end (%s)',
    async (cell) => {
      const model = newModel(cell)
      const scores = await scoreSentences(model, vocabulary, SENTENCES)
      scores.forEach(({ tokens, logProbability, perplexity }, i) => {
        const ids = idsOf(SENTENCES[i]!)
        expect(tokens).toBe(ids.length)
        expect(logProbability).toBeCloseTo(naiveScore(model, ids), 4)
        expect(perplexity).toBeCloseTo(Math.exp(-logProbability / tokens), 10)
      })
    },
  )

  it('does not depend on what else is scored', async () => {
    const many = Array.from({ length: 120 }, (_, i) => SENTENCES[(i * i) % 5]!)
    const together = await scoreSentences(newModel(), vocabulary, many)
    for (const [i, sentence] of many.slice(0, 20).entries()) {
      const [alone] = await scoreSentences(newModel(), vocabulary, [sentence])
      expect(together[i]!.logProbability).toBeCloseTo(alone!.logProbability, 4)
    }
  })

  it('reads sentences longer than a block', async () => {
    const sentence = Array.from({ length: 150 }, (_, i) => vocabulary.wordOf((i * i + (i >> 2)) % 9)).join(
      ' ',
    )
    const model = newModel()
    const [score] = await scoreSentences(model, vocabulary, [sentence, 'a dog'])
    expect(score!.tokens).toBe(151)
    expect(score!.logProbability).toBeCloseTo(naiveScore(model, idsOf(sentence)), 3)
  })

  it('adds up to the perplexity of the text where each sentence continues from the one before', async () => {
    const model = newModel()
    const { corpus } = await encodeText([Buffer.from(SENTENCES.join('\n'))], { vocabulary })
    const text = Int32Array.of(END, ...corpus)
    const { crossEntropy, tokens } = await evalPerplexity(model, text, { batchSize: 1 })
    const scores = await scoreSentences(model, vocabulary, SENTENCES, { continued: true })
    expect(scores.reduce((sum, score) => sum + score.tokens, 0)).toBe(tokens)
    const sum = scores.reduce((sum, score) => sum + score.logProbability, 0)
    expect(-sum / (crossEntropy * tokens)).toBeCloseTo(1, 5)
    const [first, second] = await scoreSentences(model, vocabulary, SENTENCES)
    expect(scores[0]!.logProbability).toBeCloseTo(first!.logProbability, 4)
    expect(scores[1]!.logProbability).not.toBeCloseTo(second!.logProbability, 2)
  })

  it('adds up to the perplexity of one sentence', async () => {
    const model = newModel()
    const [score] = await scoreSentences(model, vocabulary, [SENTENCES[3]!])
    const evaluation = await evalPerplexity(model, [END, ...idsOf(SENTENCES[3]!)], { batchSize: 1 })
    expect(evaluation.tokens).toBe(score!.tokens)
    expect(score!.perplexity / evaluation.perplexity).toBeCloseTo(1, 5)
  })

  it('takes ends that are there, blank sentences, unknown words, characters, and none', async () => {
    const model = newModel()
    const [plain, ended, blank, unknown] = await scoreSentences(model, vocabulary, [
      'a dog',
      'a dog\n',
      '',
      'a zebra',
    ])
    expect(ended).toEqual(plain)
    expect(blank!.tokens).toBe(1)
    expect(unknown!.logProbability).toBeCloseTo(naiveScore(model, [...vocabulary.encode('a <unk>'), END]), 4)
    const letters = new Vocabulary([...'abc ', '<eos>'], 'character')
    const [score] = await scoreSentences(newModel('gru', letters.size), letters, ['a cab'])
    expect(score!.tokens).toBe(6)
    expect(await scoreSentences(model, vocabulary, [])).toEqual([])
  })

  it('returns the score of each token on request', async () => {
    const model = newModel()
    const [first, second] = await scoreSentences(model, vocabulary, ['the cat', 'the zebra <unk> dog'], {
      words: true,
    })
    expect(second!.words!.map(({ word, unknown }) => [word, unknown])).toEqual([
      ['the', false],
      ['zebra', true],
      ['<unk>', true],
      ['dog', false],
      ['<eos>', false],
    ])
    for (const { words, logProbability } of [first!, second!])
      expect(words!.reduce((sum, word) => sum + word.logProbability, 0)).toBe(logProbability)
    const [the, cat] = first!.words!
    expect(the!.logProbability).toBeCloseTo(naiveScore(model, [vocabulary.idOf('the')]), 4)
    expect(the!.logProbability + cat!.logProbability).toBeCloseTo(
      naiveScore(model, idsOf('the cat').slice(0, 2)),
      4,
    )
    const continued = await scoreSentences(model, vocabulary, SENTENCES, { continued: true, words: true })
    expect(continued.map(({ words }) => words!.map(({ word }) => word).join(' '))).toEqual(
      SENTENCES.map((sentence) => `${sentence} <eos>`),
    )
    const letters = new Vocabulary([...'ab ', '<eos>', '<unk>'], 'character')
    const [score] = await scoreSentences(newModel('gru', letters.size), letters, ['a é'], { words: true })
    expect(score!.words!.map(({ word }) => word)).toEqual(['a', ' ', 'é', '<eos>'])
  })

  it('leaves the state and the mode of a model in training as they were', async () => {
    const model = newModel()
    model.predict(Tensor.from(Int32Array.of(1, 2, 3, 4), [2, 2]))
    const states = () => model.saveState().map((state) => state?.map((tensor) => tensor.toArray()))
    const before = { states: states(), position: model.rng.state.position }
    await scoreSentences(model, vocabulary, SENTENCES)
    expect({ states: states(), position: model.rng.state.position }).toEqual(before)
    expect(model.training).toBe(true)
  })

  it('stops at a signal', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(scoreSentences(newModel(), vocabulary, SENTENCES, { signal })).rejects.toThrow('enough')
  })

  it.each([
    ['scoreSentences: sentences: expected an array of strings, got "a dog"', 'a dog'],
    ['scoreSentences: sentences[1]: expected a string, got number', ['a', 3]],
    ['scoreSentences: sentences[1]: expected one sentence, got several lines', ['a', 'a\nb']],
  ])('%s', async (message, sentences) => {
    await expect(scoreSentences(newModel(), vocabulary, sentences as string[])).rejects.toThrow(message)
  })

  it('says which argument is not a model or not a vocabulary', async () => {
    const score = scoreSentences as (...given: unknown[]) => Promise<unknown>
    await expect(score('novel', vocabulary, ['a'])).rejects.toThrow(
      'scoreSentences: model: expected a language model, got "novel"',
    )
    await expect(score(newModel(), undefined, ['a'])).rejects.toThrow(
      'scoreSentences: vocabulary: expected a Vocabulary, got undefined',
    )
  })

  it('names a word that the vocabulary lacks, and a vocabulary without <eos>', async () => {
    const words = new Vocabulary(['a', 'dog', '<eos>'])
    const model = newModel('rnn', 3)
    await expect(scoreSentences(model, words, ['a', 'a zebra'])).rejects.toThrow(
      'scoreSentences: sentences[1]: word: expected one of the 3 words of the vocabulary, which has no <unk>, got "zebra"',
    )
    await expect(scoreSentences(model, new Vocabulary(['a', 'b', 'c']), ['a'])).rejects.toThrow(
      'vocabulary: expected one that has <eos>',
    )
  })
})
