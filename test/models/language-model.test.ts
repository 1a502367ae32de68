import { describe, expect, it } from 'vitest'
import { generateCorpus } from '../../src/data/builtin/corpus.ts'
import {
  BetterRnnlm,
  GruRnnlm,
  LanguageModel,
  type LanguageModelOptions,
  Rnnlm,
  SimpleRnnlm,
} from '../../src/models/index.ts'
import { clipGrads, SGD } from '../../src/optim/index.ts'
import { norm, Tensor } from '../../src/tensor/index.ts'
import { RnnlmTrainer } from '../../src/train/index.ts'
import { expectClose } from '../support/golden.ts'
import { numericGradient } from '../support/gradient-check.ts'
import { describeEachIsa } from '../support/instruction-sets.ts'
import { RECURRENT_KINDS } from '../support/recurrent-kinds.ts'
import {
  type Block,
  type Ids,
  type Matrix,
  normalMatrix,
  normalVector,
  timeAffineForward,
  timeEmbeddingForward,
  timeSoftmaxWithLossForward,
  type Vector,
  zeroMatrix,
} from '../support/reference-layers.ts'
import { timeForward } from '../support/reference-recurrent.ts'
import { tokens } from '../support/tokens.ts'

const [V, D] = [7, 4]
const xs: Ids = [
  [0, 3, 6],
  [5, 5, 1],
]
const ts: Ids = [
  [2, 4, 0],
  [0, 6, 6],
]

/** Random weights by the parameters' names. */
function randomWeights(model: LanguageModel): Map<string, Matrix | Vector> {
  const weights = [...model.namedParams()].map(([name, { shape }], i): [string, Matrix | Vector] => [
    name,
    shape.length === 1 ? normalVector(shape[0]!, i) : normalMatrix(shape[0]!, shape[1]!, i),
  ])
  for (const [name, values] of weights) model.namedParams().get(name)!.copyFrom(Tensor.from(values))
  return new Map(weights)
}

/** The loss of the block that follows zero states, in float64. */
function referenceLoss(cell: LanguageModelOptions['cell'], weights: Map<string, Matrix | Vector>): number {
  const { cell: reference, states } = RECURRENT_KINDS.find(({ name }) => name === cell.toUpperCase())!
  const embedding = weights.get('embedding.W') as Matrix
  let out: Block = timeEmbeddingForward(embedding, xs)
  for (let i = 0; weights.has(`recurrent.${i}.Wx`); i++) {
    const [Wx, Wh, b] = ['Wx', 'Wh', 'b'].map((name) => weights.get(`recurrent.${i}.${name}`))
    const zero = Array.from({ length: states }, () => zeroMatrix(xs.length, (Wh as Matrix).length))
    out = timeForward(reference, out, zero, { Wx: Wx as Matrix, Wh: Wh as Matrix, b: b as Vector }).hs
  }
  const transposed = embedding[0]!.map((_, column) => embedding.map((row) => row[column]!))
  const affineW = (weights.get('affine.W') as Matrix | undefined) ?? transposed
  return timeSoftmaxWithLossForward(timeAffineForward(out, affineW, weights.get('affine.b') as Vector), ts)
}

describeEachIsa('LanguageModel', () => {
  for (const cell of ['rnn', 'lstm', 'gru'] as const) {
    for (const tieWeights of [false, true]) {
      it(`${cell}, two layers, ${tieWeights ? 'tied weights' : 'weights apart'}: loss and gradients`, () => {
        const model = new LanguageModel({
          cell,
          tieWeights,
          vocabSize: V,
          wordvecSize: D,
          hiddenSize: tieWeights ? D : 5,
          layers: 2,
        })
        const weights = randomWeights(model)
        expect(model.forward(tokens(xs), tokens(ts))).toBeCloseTo(referenceLoss(cell, weights), 5)
        const expected = [...weights.values()].map((values) =>
          numericGradient(() => referenceLoss(cell, weights), values),
        )
        expect(model.grads).toHaveLength(expected.length)
        for (let step = 0; step < 2; step++) {
          model.resetState()
          model.forward(tokens(xs), tokens(ts))
          model.backward()
          model.grads.forEach((grad, i) => {
            expectClose(grad, expected[i]!)
          })
        }
      })
    }
  }
})

it('predict drops nothing out, draws no numbers, and leaves training as it was', () => {
  const model = new LanguageModel({ cell: 'lstm', vocabSize: V, dropout: 0.5 })
  const position = model.rng.state.position
  const scores = model.predict(tokens(xs)).clone()
  model.resetState()
  expect(model.predict(tokens(xs)).toArray()).toEqual(scores.toArray())
  expect(model.rng.state.position).toBe(position)
  expect(model.training).toBe(true)
  model.forward(tokens(xs), tokens(ts))
  expect(model.rng.state.position).not.toBe(position)
})

describe('tied weights', () => {
  const model = new LanguageModel({
    cell: 'lstm',
    vocabSize: V,
    wordvecSize: D,
    hiddenSize: D,
    tieWeights: true,
  })

  it('are one tensor with one gradient, and the clipping norm counts it once', () => {
    expect([...model.namedParams().keys()]).toEqual([
      'embedding.W',
      'recurrent.0.Wx',
      'recurrent.0.Wh',
      'recurrent.0.b',
      'affine.b',
    ])
    expect([...model.namedParams().values()]).toEqual(model.params)
    const [embedding] = model.layers
    const affine = model.layers.at(-1)!
    expect(affine.params[0]!.data).toBe(embedding!.params[0]!.data)
    expect(affine.grads[0]!.data).toBe(embedding!.grads[0]!.data)
    model.forward(tokens(xs), tokens(ts))
    model.backward()
    expect(clipGrads(model.grads, 1e9)).toBeCloseTo(Math.hypot(...model.grads.map(norm)), 6)
  })

  it('of equal values in models that are not tied stay apart', () => {
    const apart = new LanguageModel({ cell: 'rnn', vocabSize: 5, wordvecSize: 5, hiddenSize: 5 })
    const [W] = apart.params
    const affine = apart.namedParams().get('affine.W')!
    affine.copyFrom(W!)
    new SGD(1).update([W!], [Tensor.full([5, 5], 1)])
    expect(affine.at(0, 0) - W!.at(0, 0)).toBeCloseTo(1, 6)
  })

  it('ask for word vectors as long as the state', () => {
    expect(
      () => new LanguageModel({ cell: 'rnn', vocabSize: 5, wordvecSize: 3, hiddenSize: 4, tieWeights: true }),
    ).toThrow('LanguageModel: hiddenSize: expected 3, as wordvecSize, since weights are tied, got 4')
  })
})

describe('dropout', () => {
  const options = {
    cell: 'gru',
    layers: 2,
    vocabSize: V,
    wordvecSize: 6,
    hiddenSize: 6,
    dropout: 0.4,
  } as const

  it('follows the embedding and each recurrent layer', () => {
    const names = new LanguageModel(options).layers.map((layer) => layer.constructor.name)
    expect(names).toEqual([
      'TimeEmbedding',
      'TimeDropout',
      'TimeGRU',
      'TimeDropout',
      'TimeGRU',
      'TimeDropout',
      'TimeAffine',
    ])
  })

  it('has the gradients of numeric differences, for the masks at hand', () => {
    const model = new LanguageModel({ ...options, tieWeights: true })
    randomWeights(model)
    const masks = model.rng.state
    const loss = () => {
      model.rng.restore(masks)
      model.resetState()
      return model.forward(tokens(xs), tokens(ts))
    }
    loss()
    model.backward()
    const epsilon = 1e-2
    model.params.forEach((param, i) => {
      const place = Math.floor(param.size / 3)
      const grad = model.grads[i]!.data[place]!
      const value = param.data[place]!
      param.data[place] = value + epsilon
      const above = loss()
      param.data[place] = value - epsilon
      const below = loss()
      param.data[place] = value
      expect((above - below) / (2 * epsilon)).toBeCloseTo(grad, 2)
    })
  })

  it('is off while a text is scored, and draws nothing then', () => {
    const model = new LanguageModel(options)
    const before = model.rng.state
    model.training = false
    const loss = model.forward(tokens(xs), tokens(ts))
    expect(model.rng.state).toEqual(before)
    model.resetState()
    expect(model.forward(tokens(xs), tokens(ts))).toBe(loss)
    model.training = true
    model.resetState()
    expect(model.forward(tokens(xs), tokens(ts))).not.toBe(loss)
    expect(model.rng.state.position).toBeGreaterThan(before.position)
  })
})

describe('presets', () => {
  it.each([
    [new SimpleRnnlm(9, 3, 4, { seed: 2 }), { cell: 'rnn', wordvecSize: 3, hiddenSize: 4 } as const],
    [new Rnnlm(9, 3, 4, { seed: 2 }), { cell: 'lstm', wordvecSize: 3, hiddenSize: 4 } as const],
    [new GruRnnlm(9, 3, 4, { seed: 2 }), { cell: 'gru', wordvecSize: 3, hiddenSize: 4 } as const],
    [
      new BetterRnnlm(9, 4, 4, 0.3, { seed: 2 }),
      { cell: 'lstm', layers: 2, wordvecSize: 4, hiddenSize: 4, dropout: 0.3, tieWeights: true } as const,
    ],
    [
      new BetterRnnlm(9, 4, 4, { dropout: 0.2, seed: 2 }),
      { cell: 'lstm', layers: 2, wordvecSize: 4, hiddenSize: 4, dropout: 0.2, tieWeights: true } as const,
    ],
  ])('%o is a LanguageModel', (preset, options) => {
    const model = new LanguageModel({ vocabSize: 9, seed: 2, ...options })
    expect(preset.options).toEqual(model.options)
    expect(preset.params.map((param) => param.toArray())).toEqual(
      model.params.map((param) => param.toArray()),
    )
  })

  it('names itself in errors', () => {
    expect(() => new SimpleRnnlm(9, 3, 4, 7 as never)).toThrow(
      new TypeError('SimpleRnnlm: options: expected an object, got 7'),
    )
    expect(() => new LanguageModel({ cell: 'rnn', vocabSize: 3, hidenSize: 4 } as never)).toThrow(
      new TypeError('LanguageModel: unknown option "hidenSize"; did you mean "hiddenSize"?'),
    )
    expect(() => new BetterRnnlm(9, 4, 4, 1)).toThrow(
      'BetterRnnlm: dropout: expected a number in [0, 1), got 1',
    )
    expect(() => new LanguageModel({ cell: 'cnn' as 'rnn', vocabSize: 3 })).toThrow(
      "LanguageModel: cell: expected 'rnn', 'lstm' or 'gru', got \"cnn\"",
    )
  })
})

it('trains by recorded steps to the same bits as in TypeScript, with dropout and tied weights', async () => {
  class Unrecorded extends BetterRnnlm {
    override readonly isRecordable = false
  }
  const { corpus, idToWord } = generateCorpus({ words: 1201, seed: 5 })
  const train = async (Model: typeof BetterRnnlm) => {
    const model = new Model(idToWord.length, 20, 20, 0.4)
    const losses: number[] = []
    await new RnnlmTrainer(model, new SGD(2)).fit(corpus.subarray(0, -1), corpus.subarray(1), {
      maxEpoch: 2,
      batchSize: 4,
      timeSize: 15,
      maxGrad: 0.25,
      onProgress: ({ loss }) => void losses.push(loss),
    })
    return { losses, params: model.params.map(({ data }) => [...data]), rng: model.rng.state }
  }
  expect(await train(BetterRnnlm)).toEqual(await train(Unrecorded))
})
