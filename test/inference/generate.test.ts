import { describe, expect, it } from 'vitest'
import { Vocabulary } from '../../src/data/vocabulary.ts'
import { type GenerateOptions, generate } from '../../src/inference/index.ts'
import { LanguageModel } from '../../src/models/index.ts'
import { Random, Tensor } from '../../src/tensor/index.ts'

const vocabulary = new Vocabulary([...'the cat sat on mat a dog'.split(' '), '<eos>', '<unk>'])

function newModel(vocabSize = vocabulary.size): LanguageModel {
  const model = new LanguageModel({ cell: 'gru', vocabSize, wordvecSize: 6, hiddenSize: 8 })
  const rng = new Random(3)
  for (const param of model.params) rng.fillNormal(param.data, 0.7)
  return model
}

async function words(options: GenerateOptions, model = newModel(), of = vocabulary): Promise<string[]> {
  const all: string[] = []
  for await (const word of generate(model, of, options)) all.push(word)
  return all
}

/** The scores of the word after a text that begins with `<eos>`. */
function scoresAfter(model: LanguageModel, text: readonly string[]): number[] {
  model.resetState()
  const ids = Int32Array.from(['<eos>', ...text], (word) => vocabulary.idOf(word))
  const scores = model.predict(Tensor.from(ids, [1, ids.length])).select(1, ids.length - 1)
  model.resetState()
  return [...scores.clone().data]
}

describe('generate', () => {
  it('draws as many words as asked, the same for the same seed', async () => {
    const first = await words({ tokens: 30, seed: 5 })
    expect(first).toHaveLength(30)
    expect(await words({ tokens: 30, seed: 5 })).toEqual(first)
    expect(await words({ tokens: 30, seed: 6 })).not.toEqual(first)
    expect(await words({})).toHaveLength(100)
    expect(await words({ tokens: 0 })).toEqual([])
  })

  it.each([{ temperature: 0 }, { topK: 1 }, { temperature: 1e-3 }])(
    'takes the best word with %j',
    async (options) => {
      const model = newModel()
      const text = await words({ tokens: 12, prompt: 'the cat', skip: [], ...options }, model)
      for (let i = 0; i < text.length; i++) {
        const scores = scoresAfter(model, ['the', 'cat', ...text.slice(0, i)])
        expect(vocabulary.idOf(text[i]!)).toBe(scores.indexOf(Math.max(...scores)))
      }
    },
  )

  it.each([
    [1, undefined],
    [0.5, undefined],
    [2, 3],
  ])('draws by the probabilities of temperature %f and the best %s', async (temperature, topK) => {
    const model = newModel()
    const scores = scoresAfter(model, [])
    const least = topK === undefined ? -Infinity : scores.toSorted((a, b) => b - a)[topK - 1]!
    const weights = scores.map((score) => (score >= least ? Math.exp(score / temperature) : 0))
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    const draws = 2000
    const counts = new Array<number>(vocabulary.size).fill(0)
    for (let seed = 0; seed < draws; seed++) {
      const [word] = await words({ tokens: 1, temperature, topK, seed, skip: [] }, model)
      counts[vocabulary.idOf(word!)]!++
    }
    weights.forEach((weight, id) => {
      const p = weight / total
      expect(Math.abs(counts[id]! - draws * p)).toBeLessThanOrEqual(4.5 * Math.sqrt(draws * p * (1 - p)))
    })
  })

  it('skips <unk> or the words given, but not all of them', async () => {
    expect(await words({ tokens: 300 })).not.toContain('<unk>')
    expect(await words({ tokens: 300, skip: [] })).toContain('<unk>')
    const seen = await words({ tokens: 300, skip: ['<unk>', 'the', 'zebra'] })
    expect(seen).not.toContain('<unk>')
    expect(seen).not.toContain('the')
    await expect(words({ skip: vocabulary.idToWord })).rejects.toThrow(
      'generate: skip: expected not all words',
    )
  })

  it('draws characters', async () => {
    const letters = new Vocabulary([...'abc ', '<eos>'], 'character')
    const text = await words({ tokens: 20, prompt: 'cab' }, newModel(5), letters)
    for (const letter of text) expect(letters.idToWord).toContain(letter)
  })

  it('leaves the state and the mode of a model in training as they were', async () => {
    const model = newModel()
    model.predict(Tensor.from(Int32Array.of(1, 2), [1, 2]))
    const states = () => model.saveState().map((state) => state?.map((tensor) => tensor.toArray()))
    const before = states()
    for await (const _ of generate(model, vocabulary, { tokens: 3 })) expect(states()).toEqual(before)
    expect(model.training).toBe(true)
  })

  it.each<[GenerateOptions | object, string]>([
    [{ tokens: -1 }, 'generate: tokens: expected an integer of at least 0, got -1'],
    [{ temperature: -1 }, 'generate: temperature: expected a finite number of at least 0, got -1'],
    [{ topK: 0 }, 'generate: topK: expected an integer of at least 1, got 0'],
    [{ prompt: 5 }, 'Vocabulary.encode: text: expected a string, got 5'],
    [{ signal: AbortSignal.abort(new Error('enough')) }, 'enough'],
  ])('refuses %j', async (options, message) => {
    await expect(words(options)).rejects.toThrow(message)
  })

  it('says which argument is not a model or not a vocabulary', async () => {
    const first = (...given: unknown[]) => generate(...(given as Parameters<typeof generate>)).next()
    await expect(first('novel', vocabulary)).rejects.toThrow(
      'generate: model: expected a language model, got "novel"',
    )
    await expect(first(newModel())).rejects.toThrow(
      'generate: vocabulary: expected a Vocabulary, got undefined',
    )
  })

  it('needs something to begin with', async () => {
    const plain = new Vocabulary(['a', 'b'])
    await expect(words({}, newModel(2), plain)).rejects.toThrow(
      'generate: prompt: expected a word, since the vocabulary has no <eos>, got ""',
    )
    expect(await words({ prompt: 'a', tokens: 2 }, newModel(2), plain)).toHaveLength(2)
  })
})
