/**
 * Models as functions of tokens and a state. A product has the same bits for any number of rows, packed or not: steps,
 * blocks and batches agree exactly. Only `score` has its logarithms in float64 and differs from `step` by rounding.
 */
import { describe, expect, it, vi } from 'vitest'
import { generateCorpus } from '../../src/data/builtin/corpus.ts'
import { IGNORED, type TokenBatch } from '../../src/layers/index.ts'
import { CbowLm, LanguageModel, NeuralProbabilisticLm, State } from '../../src/models/index.ts'
import { SGD } from '../../src/optim/index.ts'
import { logSoftmax, Random, Tape, Tensor } from '../../src/tensor/index.ts'
import { RnnlmTrainer } from '../../src/train/index.ts'

const { corpus, idToWord } = generateCorpus({ words: 1201, seed: 5 })
const V = idToWord.length
const sizes = { vocabSize: V, wordvecSize: 12, hiddenSize: 12 }
const MODELS = {
  'an RNN': () => new LanguageModel({ ...sizes, cell: 'rnn' }),
  'stacked LSTMs with dropout and tied weights': () =>
    new LanguageModel({ ...sizes, cell: 'lstm', layers: 2, dropout: 0.5, tieWeights: true }),
  'a GRU': () => new LanguageModel({ ...sizes, cell: 'gru' }),
  'a bag of words': () => new CbowLm(V, 5, { window: 3 }),
  'a neural probabilistic model': () => new NeuralProbabilisticLm(V, 5, 6, { window: 4 }),
}
type Model = ReturnType<(typeof MODELS)[keyof typeof MODELS]>

/** Weights that tell words and states apart. */
function newModel(name: keyof typeof MODELS): Model {
  const model = MODELS[name]()
  const rng = new Random(3)
  for (const param of model.params) rng.fillNormal(param.data, 0.5)
  return model
}

function block(N: number, T: number, start = 0): TokenBatch {
  return Tensor.from(corpus.slice(start, start + N * T), [N, T])
}

const column = (xs: TokenBatch, t: number) => Int32Array.from({ length: xs.shape[0] }, (_, i) => xs.at(i, t))
const arraysOf = (state: State) => state.layers.map((tensors) => tensors.map((tensor) => tensor.toArray()))
const statesOf = (model: Model) =>
  model.saveState().map((state) => state?.map((tensor) => tensor.toArray()) ?? null)

describe.each(Object.keys(MODELS) as (keyof typeof MODELS)[])('%s', (name) => {
  const [N, T] = [3, 8]
  const xs = block(N, T)
  const ts = block(N, T, 1)

  it('gives interleaved streams the bits of each alone, one by one and as a batch', () => {
    const model = newModel(name)
    const alone = [0, 1, 2].map((row) => {
      const own = newModel(name)
      let state = own.initialState()
      return Array.from({ length: T }, (_, t) => {
        const step = own.step(Int32Array.of(xs.at(row, t)), state)
        state = step.state
        return { logProbs: step.logProbs.toArray(), state: arraysOf(state) }
      })
    })
    const states = [0, 1, 2].map(() => model.initialState())
    let batch = model.initialState(N)
    for (let t = 0; t < T; t++) {
      const together = model.step(column(xs, t), batch)
      batch = together.state
      for (const row of [2, 0, 1]) {
        const { logProbs, state } = model.step(Int32Array.of(xs.at(row, t)), states[row]!)
        states[row] = state
        expect({ logProbs: logProbs.toArray(), state: arraysOf(state) }).toEqual(alone[row]![t])
        expect(together.logProbs.slice(0, row, row + 1).toArray()).toEqual(logProbs.toArray())
        expect(arraysOf(batch.row(row))).toEqual(arraysOf(state))
      }
      batch = t === 4 ? State.concat([0, 1, 2].map((i) => batch.row(i))) : batch
    }
  })

  it('gives the bits of predict, step by step, in blocks and in one block', () => {
    const model = newModel(name)
    const scores = newModel(name).predict(xs)
    let state = model.initialState(N)
    for (let t = 0; t < T; t++) {
      const step = model.step(column(xs, t), state)
      state = step.state
      expect(step.logProbs.toArray()).toEqual(logSoftmax(scores.select(1, t).clone()).toArray())
    }
    const inOne = model.read(xs, model.initialState(N))
    expect(arraysOf(inOne)).toEqual(arraysOf(state))
    const first = model.read(xs.slice(1, 0, 3), model.initialState(N))
    expect(arraysOf(model.read(xs.slice(1, 3, T), first))).toEqual(arraysOf(state))
  })

  it('scores targets as forward does, and as step to rounding', () => {
    const model = newModel(name)
    const own = newModel(name)
    own.training = false
    const targets = ts.clone()
    targets.set(IGNORED, 1, 2)
    const score = model.score(xs, targets, model.initialState(N))
    expect(score.loss / score.counted).toBe(own.forward(xs, targets))
    expect(score.counted).toBe(N * T - 1)
    expect(arraysOf(score.state)).toEqual(arraysOf(model.read(xs, model.initialState(N))))
    let state = model.initialState(N)
    for (let t = 0; t < T; t++) {
      const step = model.step(column(xs, t), state)
      state = step.state
      for (let i = 0; i < N; i++) {
        const target = targets.at(i, t)
        const loss = score.losses[i * T + t]!
        if (target === IGNORED) expect(loss).toBe(0)
        else expect(Math.abs(loss + step.logProbs.at(i, target))).toBeLessThan(1e-5)
      }
    }
  })

  it('leaves a training as it is, whatever is read before forward, between forward and backward, and after', () => {
    const run = (reads: boolean) => {
      const model = newModel(name)
      const results: unknown[] = []
      const read = () => {
        if (!reads) return
        model.score(block(4, 6), block(4, 6, 1), model.initialState(4))
        model.score(xs, ts, model.initialState(N))
        model.step(column(xs, 0), model.read(xs, model.initialState(N)))
      }
      for (let i = 0; i < 3; i++) {
        read()
        results.push(model.forward(xs, ts))
        read()
        model.backward()
        results.push(statesOf(model), ...model.grads.map((grad) => grad.toArray()), model.rng.state.position)
      }
      expect(model.training).toBe(true)
      const record = () =>
        Tape.record(() => {
          model.forward(xs, ts)
          model.backward()
        })
      const before = name.includes('dropout') ? null : record()
      read()
      if (before) expect(record().equals(before)).toBe(true)
      return results
    }
    expect(run(true)).toEqual(run(false))
  })

  it('returns new tensors', () => {
    const model = newModel(name)
    const step = model.step(column(xs, 0), model.initialState(N))
    const score = model.score(xs, ts, model.initialState(N))
    const before = [step.logProbs.toArray(), arraysOf(step.state), [...score.losses], arraysOf(score.state)]
    model.step(column(xs, 1), step.state)
    model.score(ts, xs, step.state)
    expect([step.logProbs.toArray(), arraysOf(step.state), [...score.losses], arraysOf(score.state)]).toEqual(
      before,
    )
  })

  it('names the argument that does not fit', () => {
    const model = newModel(name)
    const state = model.initialState(2)
    const ids = Int32Array.of(0, 1)
    const other = new LanguageModel({ ...sizes, cell: 'rnn', layers: 3 }).initialState(2)
    for (const [message, call] of [
      ['initialState: N: expected an integer of at least 1, got 0', () => model.initialState(0)],
      ['step: ids: expected an Int32Array, got [0, 1]', () => model.step([0, 1] as never, state)],
      [
        'step: ids: expected 2 token ids, one for each row of the state, got Int32Array(1)',
        () => model.step(Int32Array.of(0), state),
      ],
      [`step: ids: token id ${V} at [1] is outside 0…${V - 1}`, () => model.step(Int32Array.of(0, V), state)],
      ['step: ids: token id -1 at [0] is outside', () => model.step(Int32Array.of(-1, 0), state)],
      [
        'step: state: expected a State that initialState, step or read returned, got undefined',
        () => model.step(ids, undefined as never),
      ],
      [
        'step: state: its rows are float32 [12]; float32 [12]; float32 [12], and those of this model are',
        () => model.step(ids, other),
      ],
      [
        'read: xs: expected the shape [N = 2, T], with as many rows as the state, got [3, 8]',
        () => model.read(xs, state),
      ],
      ['read: xs: expected a Tensor, got Int32Array(2)', () => model.read(ids as never, state)],
      [
        `read: xs: token id ${V} at [0, 1] is outside 0…${V - 1}`,
        () => model.read(Tensor.from(Int32Array.of(0, V, 0, 0), [2, 2]), state),
      ],
      [
        'ts: expected the shape [N = 3, T = 8], got [2, 2]',
        () => model.score(xs, block(2, 2), model.initialState(3)),
      ],
      [
        `ts: token id ${V} at [0] is outside 0…${V - 1}`,
        () =>
          model.score(
            Tensor.from(Int32Array.of(0, 1, 2), [1, 3]),
            Tensor.from(Int32Array.of(V, 1, 2), [1, 3]),
            model.initialState(),
          ),
      ],
    ] as const) {
      expect(call).toThrow(message)
    }
  })
})

describe('a model in training', () => {
  const options = { maxEpoch: 1, batchSize: 10, timeSize: 30 }
  const big = () => new LanguageModel({ cell: 'lstm', vocabSize: V, wordvecSize: 64, hiddenSize: 200 })
  const train = async (model: LanguageModel, onProgress = () => {}) => {
    const trainer = new RnnlmTrainer(model, new SGD(0.5))
    await trainer.fit(corpus.subarray(0, -1), corpus.subarray(1), { ...options, onProgress })
    return model.params.map((param) => param.toArray())
  }

  it('answers inside its callback, and trains on as without', async () => {
    const expected = await train(big())
    const model = big()
    let state = model.initialState(2)
    const trained = await train(model, () => {
      state = model.step(Int32Array.of(1, 2), state).state
    })
    expect(trained).toEqual(expected)
  })

  it('refuses to answer in the middle of a step, which is not disturbed', async () => {
    let milliseconds = 0 // by which all steps are long, whatever the machine
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
      milliseconds += 2
      return milliseconds
    })
    const expected = await train(big())
    const model = big()
    const runs = vi.spyOn(Tape.prototype, 'runInBackground')
    const errors: string[] = []
    runs.mockImplementation(function (this: Tape) {
      runs.mockRestore()
      const running = this.runInBackground()
      try {
        model.step(Int32Array.of(1), model.initialState())
      } catch (error) {
        errors.push((error as Error).message)
      }
      return running
    })
    expect(await train(model)).toEqual(expected)
    clock.mockRestore()
    expect(errors).toEqual([expect.stringContaining('at work on')])
  })
})
