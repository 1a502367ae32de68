import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Vocabulary } from '../../src/data/vocabulary.ts'
import { saveModel } from '../../src/interop/save-model.ts'
import { loadModel } from '../../src/jobs/load-model.ts'
import type { TokenBatch } from '../../src/layers/index.ts'
import { BetterRnnlm, CbowLm, GruRnnlm, LanguageModel, Rnnlm, SimpleRnnlm } from '../../src/models/index.ts'
import { SGD } from '../../src/optim/index.ts'
import { norm, Tensor } from '../../src/tensor/index.ts'
import { evalPerplexity, RnnlmTrainer } from '../../src/train/index.ts'
import { temporaryFolder } from '../support/command-line.ts'

const words = ['<eos>', '<unk>', 'the', 'cat', 'sat', 'on', 'a', 'mat']
const vocabulary = new Vocabulary(words)
const V = vocabulary.size
const corpus = Int32Array.from({ length: 160 }, (_, i) => (i * i + 3 * i) % V)
const [xs, ts] = [corpus.subarray(0, -1), corpus.subarray(1)]
const small = { batchSize: 2, timeSize: 4, maxEpoch: 2 }

const MODELS: [string, () => LanguageModel][] = [
  ['SimpleRnnlm', () => new SimpleRnnlm(V, 5, 6)],
  ['Rnnlm', () => new Rnnlm(V, 5, 6)],
  ['GruRnnlm', () => new GruRnnlm(V, 5, 6)],
  ['BetterRnnlm', () => new BetterRnnlm(V, 6, 6)],
  [
    'LanguageModel',
    () =>
      new LanguageModel({
        cell: 'gru',
        layers: 3,
        vocabSize: V,
        wordvecSize: 4,
        hiddenSize: 7,
        dropout: 0.2,
      }),
  ],
]

const weightsOf = (model: LanguageModel) =>
  [...model.namedParams()].map(([name, param]) => [name, param.toArray()])

describe.each(MODELS)('%s', (_, newModel) => {
  it('is loaded as it was saved, and can be trained further', async () => {
    const model = newModel()
    await new RnnlmTrainer(model, new SGD(0.5)).fit(xs, ts, small)
    const folder = temporaryFolder()
    const path = join(folder, 'model.safetensors')
    await saveModel(path, model, vocabulary)
    expect(readdirSync(folder)).toEqual(['model.safetensors'])

    const loaded = loadModel(path)
    expect(loaded.vocabulary.idToWord).toEqual(words)
    expect(weightsOf(loaded.model)).toEqual(weightsOf(model))
    expect(loaded.model.options).toEqual({ ...model.options, seed: BigInt(model.options.seed) })
    const before = await evalPerplexity(loaded.model, corpus)
    expect(before).toEqual(await evalPerplexity(model, corpus))

    model.resetState()
    await new RnnlmTrainer(model, new SGD(0.5)).fit(xs, ts, small)
    await new RnnlmTrainer(loaded.model, new SGD(0.5)).fit(xs, ts, small)
    expect(weightsOf(loaded.model)).toEqual(weightsOf(model))
    expect(loaded.model.training).toBe(false)
  })
})

describe('a loaded model', () => {
  it('is trained by hand once training is on, and says so before', async () => {
    const path = join(temporaryFolder(), 'model.safetensors')
    await saveModel(path, new Rnnlm(V, 5, 6), vocabulary)
    const { model } = loadModel(path)
    const block: TokenBatch = Tensor.zeros([2, 3], 'int32')
    model.forward(block, block)
    expect(() => model.backward()).toThrow(
      'LanguageModel.backward: training is off, as for a model that was loaded: set model.training = true, then call forward again',
    )
    model.training = true
    model.forward(block, block)
    model.backward()
    expect(model.grads.some((gradient) => norm(gradient) > 0)).toBe(true)
  })
})

describe('saveModel', () => {
  it('saves a model in training as it is between two steps', async () => {
    const model = new SimpleRnnlm(V, 5, 6)
    const path = join(temporaryFolder(), 'model.safetensors')
    const seen: unknown[] = []
    let saving: Promise<void> | undefined
    await new RnnlmTrainer(model, new SGD(0.5)).fit(xs, ts, {
      ...small,
      onProgress: ({ iteration }) => {
        seen.push(JSON.stringify(weightsOf(model)))
        if (iteration === 3) saving = saveModel(path, model, vocabulary)
      },
    })
    await saving
    expect(seen).toContain(JSON.stringify(weightsOf(loadModel(path).model)))
  })

  it('names what does not fit, and writes nothing', async () => {
    const path = join(temporaryFolder(), 'model.safetensors')
    const model = new SimpleRnnlm(V, 5, 6)
    const broken = new SimpleRnnlm(V, 5, 6)
    broken.params[0]!.data[0] = Number.NaN
    for (const [error, ...given] of [
      ['saveModel: path: expected the path of a file, got 3', 3, model, vocabulary],
      [
        'saveModel: model: expected a LanguageModel, such as SimpleRnnlm, Rnnlm or BetterRnnlm, got CbowLm',
        path,
        new CbowLm(V, 5),
        vocabulary,
      ],
      ['saveModel: vocabulary: expected a Vocabulary, got Array(8)', path, model, words],
      [
        "saveModel: vocabulary: expected 8 words, as the model's vocabSize, got 7",
        path,
        model,
        new Vocabulary(words.slice(1)),
      ],
      ['saveModel: the weights are not finite', path, broken, vocabulary],
    ] as [string, ...Parameters<typeof saveModel>][])
      await expect(saveModel(...given)).rejects.toThrow(error)
    expect(existsSync(path)).toBe(false)
  })
})
