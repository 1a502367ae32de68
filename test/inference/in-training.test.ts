/** Readers of a model that is being trained. The clock moves whenever it is read, so that nothing depends on the machine. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { generateCorpus } from '../../src/data/builtin/corpus.ts'
import { Vocabulary } from '../../src/data/vocabulary.ts'
import { generate, scoreSentences } from '../../src/inference/index.ts'
import { CbowLm, LanguageModel, type TrainableLanguageModel } from '../../src/models/index.ts'
import { SGD } from '../../src/optim/index.ts'
import { evalPerplexity, RnnlmTrainer } from '../../src/train/index.ts'

const { corpus, idToWord } = generateCorpus({ words: 1201, seed: 5 })
const vocabulary = new Vocabulary([...idToWord.filter((word) => !word.startsWith('<')), '<eos>', '<unk>'])
const V = vocabulary.size
const ids = corpus.map((id) => id % V)
const sentences = Array.from({ length: 3 }, (_, i) => vocabulary.decode(ids.slice(8 * i + 1, 8 * i + 7)))

const MODELS = {
  'an LSTM with dropout': () =>
    new LanguageModel({
      cell: 'lstm',
      layers: 2,
      dropout: 0.5,
      vocabSize: V,
      wordvecSize: 8,
      hiddenSize: 12,
    }),
  'a bag of words': () => new CbowLm(V, 6, { window: 3 }),
}

const READERS: Record<string, (model: TrainableLanguageModel) => Promise<unknown>> = {
  scoreSentences: (model) => scoreSentences(model, vocabulary, sentences),
  evalPerplexity: (model) => evalPerplexity(model, ids.slice(0, 60), { batchSize: 3, timeSize: 10 }),
  generate: async (model) => {
    const words = []
    for await (const word of generate(model, vocabulary, { prompt: sentences[0]!, tokens: 3 }))
      words.push(word)
    return words
  },
}

let pace = 0
let clock: ReturnType<typeof vi.spyOn>
beforeEach(() => {
  let milliseconds = 0
  clock = vi.spyOn(performance, 'now').mockImplementation(() => {
    milliseconds += pace
    return milliseconds
  })
})
afterEach(() => clock.mockRestore())

/** Trains for one epoch while all readers read over and over. */
async function train(model: TrainableLanguageModel, readers: readonly (typeof READERS)[string][]) {
  let iteration = 0
  let isDone = false
  /** The iterations at which each reader got a result. */
  const answeredAt = readers.map((): number[] => [])
  const reading = readers.map(async (read, i) => {
    while (!isDone) {
      await read(model)
      if (!isDone) answeredAt[i]!.push(iteration)
    }
  })
  const trainer = new RnnlmTrainer(model, new SGD(0.5))
  await trainer.fit(ids.subarray(0, -1), ids.subarray(1), {
    maxEpoch: 1,
    batchSize: 4,
    timeSize: 5,
    maxGrad: 0.25,
    onProgress: (progress) => {
      iteration = progress.iteration
    },
  })
  isDone = true
  await Promise.all(reading)
  const weights = model.params.map((param) => param.toArray())
  const state = model.saveState().map((tensors) => tensors!.map((tensor) => tensor.toArray()))
  return { trained: { weights, state, losses: trainer.pplList }, answeredAt, iterations: iteration }
}

describe.each(Object.keys(MODELS) as (keyof typeof MODELS)[])('%s in training', (name) => {
  describe.each([
    ['short', 0.4],
    ['long', 3],
  ])('with %s steps', (_, milliseconds) => {
    beforeEach(() => {
      pace = milliseconds
    })

    it('is trained to the same bits while others read it', async () => {
      const alone = await train(MODELS[name](), [])
      const readers = Object.values(READERS)
      const { trained } = await train(MODELS[name](), [...readers, ...readers])
      expect(trained).toEqual(alone.trained)
    })

    it.each(Object.keys(READERS))('answers %s before the epoch ends', async (reader) => {
      const { answeredAt, iterations } = await train(MODELS[name](), [READERS[reader]!])
      expect(iterations).toBe(60)
      expect(answeredAt[0]!.length).toBeGreaterThan(0)
      expect(answeredAt[0]![0]!).toBeLessThan(iterations / 2)
    })
  })

  it('gives readers at rest what it gave while its weights stood still', async () => {
    pace = 0.4
    const model = MODELS[name]()
    const expected = await Promise.all(Object.values(READERS).map((read) => read(model)))
    const together: unknown[] = []
    const trainer = new RnnlmTrainer(model, new SGD(0))
    const training = trainer.fit(ids.subarray(0, -1), ids.subarray(1), {
      maxEpoch: 1,
      batchSize: 4,
      timeSize: 5,
    })
    together.push(...(await Promise.all(Object.values(READERS).map((read) => read(model)))))
    await training
    expect(together).toEqual(expected)
  })
})
