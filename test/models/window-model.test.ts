/** What CbowLm and NeuralProbabilisticLm share: a state of tokens, recorded steps, errors. */
import { describe, expect, it } from 'vitest'
import { generateCorpus } from '../../src/data/builtin/corpus.ts'
import type { TokenBatch } from '../../src/layers/index.ts'
import { CbowLm, NeuralProbabilisticLm } from '../../src/models/index.ts'
import { Adam, clipGrads, SGD } from '../../src/optim/index.ts'
import { Tensor } from '../../src/tensor/index.ts'
import { Batches } from '../../src/train/batches.ts'
import { evalPerplexity, RnnlmTrainer } from '../../src/train/index.ts'
import { withThreadCounts } from '../support/thread-counts.ts'

const { corpus, idToWord } = generateCorpus({ words: 1201, seed: 5 })
const V = idToWord.length

type Options = { window?: number; seed?: number }
const KINDS = [
  ['CbowLm', CbowLm, (V: number, options?: Options) => new CbowLm(V, 5, options)],
  [
    'NeuralProbabilisticLm',
    NeuralProbabilisticLm,
    (V: number, options?: Options) => new NeuralProbabilisticLm(V, 5, 6, options),
  ],
] as const

function block(start: number, length: number): TokenBatch {
  return Tensor.from(corpus.slice(start, start + 2 * length), [2, length])
}

describe.each(KINDS)('%s', (name, Model, make) => {
  it('continues from block to block as if there were one', () => {
    for (const window of [1, 2, 10]) {
      const whole = make(V, { window })
      const cut = make(V, { window })
      const xs = block(0, 12)
      const expected = whole.predict(xs)
      for (const [start, end] of [
        [0, 1],
        [1, 4],
        [4, 12],
      ] as const) {
        expect(cut.predict(xs.slice(1, start, end)).toArray()).toEqual(
          expected.slice(1, start, end).toArray(),
        )
      }
    }
  })

  it('forgets what some rows have read', () => {
    const model = make(V)
    const first = model.predict(block(0, 12)).clone()
    model.resetState([1])
    const next = model.predict(block(0, 12))
    expect(next.select(0, 1).toArray()).toEqual(first.select(0, 1).toArray())
    expect(next.select(0, 0).toArray()).not.toEqual(first.select(0, 0).toArray())
  })

  it('forgets by resetState, after which the batch may have another size', () => {
    const model = make(V)
    const first = model.predict(block(0, 12)).toArray()
    expect(model.predict(block(0, 12)).toArray()).not.toEqual(first)
    model.resetState()
    expect(model.predict(block(0, 12)).toArray()).toEqual(first)
    const wide = Tensor.from(corpus.slice(0, 9), [3, 3])
    expect(() => model.predict(wide)).toThrow(
      new RangeError(
        'TokenHistory.forward: xs: expected N = 2 as in the state (or call resetState first), got 3',
      ),
    )
    model.resetState()
    model.predict(wide)
  })

  it('saves its state and puts it back, also when there is none', () => {
    const model = make(V)
    const none = model.saveState()
    expect(none).toEqual([null])
    const first = model.predict(block(0, 4)).toArray()
    const saved = model.saveState()
    const second = model.predict(block(8, 4)).toArray()
    model.restoreState(saved)
    expect(model.predict(block(8, 4)).toArray()).toEqual(second)
    model.restoreState(none)
    expect(model.predict(block(0, 4)).toArray()).toEqual(first)
    expect(() => model.restoreState([[Tensor.zeros([2, 3], 'int32')]])).toThrow(
      new RangeError('TokenHistory.restoreState: tokens: expected the shape [N, k = 9], got [2, 3]'),
    )
  })

  it('sees the words of its window and no others', () => {
    const model = make(V, { window: 3 })
    const scores = (changed: number) => {
      const ids = corpus.slice(0, 8)
      ids[changed] = (ids[changed]! + 1) % V
      model.resetState()
      return JSON.stringify(
        model
          .predict(Tensor.from(ids, [1, 8]))
          .select(1, 7)
          .toArray(),
      )
    }
    const same = [0, 1, 2, 3, 4].map(scores)
    expect(new Set(same).size).toBe(1)
    for (const changed of [5, 6, 7]) expect(same).not.toContain(scores(changed))
  })

  it('trains by recorded steps to the same bits as in TypeScript, evaluations and resets in between', async () => {
    const run = async (isRecordable: boolean) => {
      const model = make(V, { seed: 3 })
      Object.defineProperty(model, 'isRecordable', { value: isRecordable })
      const losses: number[] = []
      await new RnnlmTrainer(model, new Adam(0.01)).fit(corpus.subarray(0, -1), corpus.subarray(1), {
        maxEpoch: 2,
        batchSize: 4,
        timeSize: 12,
        maxGrad: 0.5,
        onProgress: async ({ loss, iteration }) => {
          losses.push(loss)
          if (iteration === 9) await evalPerplexity(model, corpus.subarray(0, 200), { batchSize: 3 })
          if (iteration === 14) model.resetState()
        },
      })
      return { losses, weights: model.params.map((param) => param.toArray()) }
    }
    const recorded = await run(true)
    expect(recorded).toEqual(await run(false))
    expect(recorded.losses.at(-1)).toBeLessThan(recorded.losses[0]!)
  })

  it('gives the same bits on any number of threads', () => {
    const [first, ...others] = withThreadCounts(() => {
      const model = make(V)
      model.forward(block(0, 300), block(1, 300))
      model.backward()
      return model.grads.map((grad) => grad.toArray())
    })
    for (const other of others) expect(other).toEqual(first)
  })

  it('allocates no buffers in steady state', () => {
    const batches = new Batches('fit', corpus.slice(0, -1), corpus.slice(1), 4, 5)
    const model = make(V)
    const optimizer = new SGD(0.1)
    const step = () => {
      batches.next()
      model.forward(batches.xs, batches.ts)
      model.backward()
      clipGrads(model.grads, 0.25)
      optimizer.update(model.params, model.grads)
    }
    for (let i = 0; i < 5; i++) step()
    const before = process.memoryUsage().arrayBuffers
    for (let i = 0; i < 200; i++) {
      step()
      expect(process.memoryUsage().arrayBuffers).toBeLessThanOrEqual(before)
    }
  })

  it('has the same initial values for the same seed', () => {
    const numbers = (seed?: number) => make(11, { seed }).params.map((param) => param.toArray())
    expect(numbers(3)).toEqual(numbers(3))
    expect(numbers(3)).not.toEqual(numbers(4))
    expect(numbers()).toEqual(numbers(0))
  })

  it('names the token that it does not know and its place, and stays usable', () => {
    const model = make(7)
    const good: TokenBatch = Tensor.from(Int32Array.of(0, 1, 2, 3), [2, 2])
    const expected = model.predict(good).toArray()
    model.resetState()
    for (const id of [-1, 7, 8]) {
      expect(() => model.predict(Tensor.from(Int32Array.of(0, 1, 2, id), [2, 2]))).toThrow(
        new RangeError(`TokenHistory.forward: xs: token id ${id} at [1, 1] is outside 0…6`),
      )
    }
    expect(model.predict(good).toArray()).toEqual(expected)
  })

  it('refuses sizes that are none', () => {
    expect(() => make(0)).toThrow(
      new RangeError(`${name}: vocabSize: expected an integer of at least 1, got 0`),
    )
    expect(() => make(5, { window: 0 })).toThrow(
      new RangeError(`${name}: window: expected an integer of at least 1, got 0`),
    )
    expect(() => make(5, { window: 1.5 })).toThrow(RangeError)
    expect(Model.name).toBe(name)
  })
})
