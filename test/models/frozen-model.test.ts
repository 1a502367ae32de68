/** Frozen models: the bits of the model they come from; with smaller weights, figures close to them. */
import { describe, expect, it } from 'vitest'
import { Vocabulary } from '../../src/data/vocabulary.ts'
import { generate, scoreSentences } from '../../src/inference/index.ts'
import { CELL_NAMES, type FrozenModel, LanguageModel, State } from '../../src/models/index.ts'
import { SGD } from '../../src/optim/index.ts'
import { Random, Tensor } from '../../src/tensor/index.ts'
import { evalPerplexity, RnnlmTrainer } from '../../src/train/index.ts'

const V = 130

function newModel(cell: (typeof CELL_NAMES)[number], options = {}): LanguageModel {
  return new LanguageModel({
    cell,
    vocabSize: V,
    wordvecSize: 20,
    hiddenSize: 24,
    layers: 2,
    seed: 3,
    ...options,
  })
}

function tokens(count: number, seed = 1): Int32Array {
  const rng = new Random(seed)
  return Int32Array.from({ length: count }, () => rng.integer(V))
}

/** The log probabilities of each step in turn, [T][N · V]. */
function readThrough(model: LanguageModel | FrozenModel, ids: Int32Array, N: number): Float32Array[] {
  let state = model.initialState(N)
  const results: Float32Array[] = []
  for (let t = 0; t < ids.length; t += N) {
    const step = model.step(ids.subarray(t, t + N), state)
    state = step.state
    results.push(step.logProbs.data.slice(step.logProbs.offset, step.logProbs.offset + N * V))
  }
  return results
}

function largestDifference(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  return Math.max(...a.map((row, t) => Math.max(...row.map((value, i) => Math.abs(value - b[t]![i]!)))))
}

describe.each(CELL_NAMES)('a frozen %s', (cell) => {
  it('gives the log probabilities of its model', () => {
    for (const options of [{}, { layers: 1 }, { wordvecSize: 24, tieWeights: true, dropout: 0.5 }]) {
      const model = newModel(cell, options)
      for (const N of [1, 3]) {
        const ids = tokens(N * 6)
        expect(readThrough(model.freeze(), ids, N)).toEqual(readThrough(model, ids, N))
      }
    }
  })

  it.each([
    ['bfloat16', 0.03],
    ['int8', 0.03],
  ] as const)('stays close to it with weights in %s', (weights, limit) => {
    const model = newModel(cell)
    const ids = tokens(12)
    const frozen = model.freeze({ weights })
    const difference = largestDifference(readThrough(frozen, ids, 2), readThrough(model, ids, 2))
    expect(difference).toBeGreaterThan(0)
    expect(difference).toBeLessThan(limit)
  })

  it('scores a block as its model does, token by token or at once', () => {
    const model = newModel(cell)
    const frozen = model.freeze()
    const ids = tokens(2 * 9)
    const block = (from: number, to: number): Tensor<'int32', [number, number]> =>
      Tensor.from(ids, [2, 9]).slice(1, from, to).clone() as Tensor<'int32', [number, number]>
    const expected = model.score(block(0, 8), block(1, 9), model.initialState(2))
    const actual = frozen.score(block(0, 8), block(1, 9), frozen.initialState(2))
    expect(actual.counted).toBe(16)
    expect(actual.losses).toEqual(expected.losses)
    const [first, second] = [block(0, 3), block(3, 8)]
    const middle = frozen.read(first, frozen.initialState(2))
    const rest = frozen.score(second, block(4, 9), middle)
    expect(rest.losses).toEqual(
      model.score(second, block(4, 9), model.read(first, model.initialState(2))).losses,
    )
  })

  it('takes over the weights of more training, which it does not disturb', async () => {
    const [model, other] = [newModel(cell), newModel(cell)]
    const frozen = model.freeze()
    const before = readThrough(frozen, tokens(4), 1)
    const corpus = tokens(400, 2)
    const train = (trained: LanguageModel, onProgress: () => void) =>
      new RnnlmTrainer(trained, new SGD(0.5)).fit(corpus.subarray(0, -1), corpus.subarray(1), {
        maxEpoch: 1,
        batchSize: 4,
        timeSize: 5,
        onProgress,
      })
    await train(model, () => void readThrough(frozen, tokens(4), 1))
    await train(other, () => {})
    expect(model.params.map(({ data }) => data)).toEqual(other.params.map(({ data }) => data))
    expect(readThrough(frozen, tokens(4), 1)).toEqual(before)
    frozen.update(model)
    expect(readThrough(frozen, tokens(4), 1)).toEqual(readThrough(model, tokens(4), 1))
  })
})

describe('a frozen model', () => {
  const model = newModel('lstm')
  const frozen = model.freeze()

  it('keeps streams apart, in any batch', () => {
    const [a, b] = [tokens(8, 5), tokens(8, 6)]
    const together = Int32Array.from({ length: 16 }, (_, i) => (i % 2 ? b : a)[i >> 1]!)
    const both = readThrough(frozen, together, 2)
    const rows = (row: number) => both.map((logProbs) => logProbs.slice(row * V, (row + 1) * V))
    expect(rows(0)).toEqual(readThrough(frozen, a, 1))
    expect(rows(1)).toEqual(readThrough(frozen, b, 1))
    const state = frozen.initialState(2)
    const first = frozen.step(Int32Array.of(3, 4), state)
    expect(frozen.step(Int32Array.of(3, 4), state)).toEqual(first)
    const joined = State.concat([first.state.row(1), first.state.row(0)])
    const next = frozen.step(Int32Array.of(7, 7), joined).logProbs
    const alone = frozen.step(Int32Array.of(7), first.state.row(0)).logProbs
    expect(next.select(0, 1).toArray()).toEqual(alone.select(0, 0).toArray())
  })

  it('writes to a given result', () => {
    const start = frozen.initialState(1)
    const expected = readThrough(frozen, tokens(5), 1)
    const results = [frozen.step(Int32Array.of(0), start), frozen.step(Int32Array.of(0), start)]
    let state = start
    tokens(5).forEach((id, t) => {
      const out = results[t % 2]!
      expect(frozen.step(Int32Array.of(id), state, { out })).toBe(out)
      expect(out.logProbs.data.slice(0, V)).toEqual(expected[t])
      state = out.state
    })
  })

  it('is scored and evaluated as a model', async () => {
    const vocabulary = new Vocabulary(['<eos>', '<unk>', ...Array.from({ length: V - 2 }, (_, i) => `w${i}`)])
    const sentences = ['w1 w2 w3', 'w5', 'w9 w9 unheard of w1']
    const expected = await scoreSentences(model, vocabulary, sentences)
    const actual = await scoreSentences(frozen, vocabulary, sentences)
    expect(actual).toEqual(expected)
    const corpus = tokens(500, 9)
    expect(await evalPerplexity(frozen, corpus)).toEqual(await evalPerplexity(model, corpus))
    const words = async (reader: LanguageModel | FrozenModel) => {
      const all: string[] = []
      for await (const word of generate(reader, vocabulary, { tokens: 20, seed: 1 })) all.push(word)
      return all
    }
    expect(await words(frozen)).toEqual(await words(model))
  })

  it('takes less memory with smaller weights', () => {
    const sizes = (['float32', 'bfloat16', 'int8'] as const).map(
      (weights) => newModel('lstm', { hiddenSize: 256 }).freeze({ weights }).byteLength,
    )
    expect(sizes[1]! / sizes[0]!).toBeLessThan(0.53)
    expect(sizes[2]! / sizes[0]!).toBeLessThan(0.3)
  })

  it('checks its arguments', () => {
    expect(() => model.freeze({ weights: 'int4' as 'int8' })).toThrow(/^freeze: weights: expected .*int8/)
    const state = frozen.initialState(2)
    expect(() => frozen.step(Int32Array.of(1), state)).toThrow(/^step: ids: expected 2 token ids/)
    expect(() => frozen.step(Int32Array.of(1, V), state)).toThrow(
      `step: ids: token id ${V} at [1] is outside 0…${V - 1}`,
    )
    expect(() => frozen.step(Int32Array.of(1, 2), {} as State)).toThrow(/^step: state: expected a State/)
    const other = newModel('gru').freeze().initialState(2)
    expect(() => frozen.step(Int32Array.of(1, 2), other)).toThrow(/^step: state: its rows are/)
    const result = frozen.step(Int32Array.of(1, 2), state)
    expect(() => frozen.step(Int32Array.of(1, 2), result.state, { out: result })).toThrow(
      /^step: out: expected/,
    )
    expect(() => frozen.update(newModel('lstm', { hiddenSize: 8 }))).toThrow(
      /^update: model: expected hiddenSize 24/,
    )
  })
})
