import { describe, expect, it } from 'vitest'
import type { TokenBatch } from '../../src/layers/index.ts'
import { IGNORED } from '../../src/layers/index.ts'
import { SimpleRnnlm, type State } from '../../src/models/index.ts'
import { SGD } from '../../src/optim/index.ts'
import { Tensor } from '../../src/tensor/index.ts'
import { type EvaluationOptions, evalPerplexity, RnnlmTrainer } from '../../src/train/index.ts'
import {
  type Matrix,
  timeAffineForward,
  timeEmbeddingForward,
  timeSoftmaxWithLossForward,
  type Vector,
  zeroMatrix,
} from '../support/reference-layers.ts'
import { rnnCell, timeForward } from '../support/reference-recurrent.ts'

const [V, D, H] = [11, 5, 6]
const corpus = Int32Array.from({ length: 154 }, (_, i) => (i * i + 3 * i + (i >> 3)) % V)

/** With weights large enough for the state to matter. */
function newModel(): SimpleRnnlm {
  const model = new SimpleRnnlm(V, D, H, { seed: 1 })
  const [embedding] = model.params
  embedding!.data.forEach((value, i) => {
    embedding!.data[i] = value * 100
  })
  return model
}

/** The mean loss over the text, read as one stream from a zero state in float64. */
function naiveCrossEntropy(model: SimpleRnnlm, ids: number[]): number {
  const [embedding, Wx, Wh, b, W, bias] = model.params.map((param) => param.toArray()) as unknown as [
    Matrix,
    Matrix,
    Matrix,
    Vector,
    Matrix,
    Vector,
  ]
  const xs = timeEmbeddingForward(embedding, [ids.slice(0, -1)])
  const { hs } = timeForward(rnnCell, xs, [zeroMatrix(1, H)], { Wx, Wh, b })
  return timeSoftmaxWithLossForward(timeAffineForward(hs, W, bias), [ids.slice(1)])
}

function expectNear(actual: number, expected: number, tolerance = 1e-6): void {
  expect(Math.abs(actual / expected - 1)).toBeLessThan(tolerance)
}

function stateOf(model: SimpleRnnlm) {
  return model.saveState().map((tensors) => tensors?.map((tensor) => tensor.toArray()) ?? null)
}

/** Reads something, so that there is a state. */
function inTraining(model: SimpleRnnlm): SimpleRnnlm {
  model.predict(Tensor.from(corpus.slice(0, 12), [3, 4]))
  return model
}

describe("tail 'score'", () => {
  it('is a naive evaluation where there is one stream, whatever the block', async () => {
    const model = newModel()
    const expected = naiveCrossEntropy(model, [...corpus])
    for (const timeSize of [1, 7, 35, 153, 200]) {
      const { perplexity, crossEntropy, tokens } = await evalPerplexity(model, corpus, {
        batchSize: 1,
        timeSize,
      })
      expectNear(crossEntropy, expected)
      expect(perplexity).toBe(Math.exp(crossEntropy))
      expect(tokens).toBe(corpus.length - 1)
    }
  })

  it('reads each stream from a zero state', async () => {
    const model = newModel()
    const predictions = corpus.length - 1
    for (const batchSize of [2, 10, 20]) {
      let total = 0
      for (let i = 0; i < batchSize; i++) {
        const start = Math.floor((i * predictions) / batchSize)
        const end = Math.floor(((i + 1) * predictions) / batchSize)
        total += naiveCrossEntropy(model, [...corpus.slice(start, end + 1)]) * (end - start)
      }
      const { crossEntropy } = await evalPerplexity(model, corpus, { batchSize, timeSize: 4 })
      expectNear(crossEntropy, total / predictions)
    }
  })

  it('scores every token but the first exactly once, given the token before it', async () => {
    /** Tokens are places here: what was asked for shows which ones were scored. */
    class Recorder extends SimpleRnnlm {
      readonly scored: number[] = []
      override score(xs: TokenBatch, ts: TokenBatch, state: State) {
        ts.data.forEach((target, i) => {
          if (target === IGNORED) return
          expect(xs.data[i]).toBe(target - 1)
          this.scored.push(target)
        })
        return super.score(xs, ts, state)
      }
    }
    for (const length of [2, 3, 10, 11, 36, 101]) {
      for (const batchSize of [1, 2, 10, 150]) {
        for (const timeSize of [1, 3, 35]) {
          const recorder = new Recorder(length, 1, 1)
          const places = Int32Array.from({ length }, (_, place) => place)
          const { tokens } = await evalPerplexity(recorder, places, { batchSize, timeSize })
          expect(tokens).toBe(length - 1)
          expect(recorder.scored.sort((a, b) => a - b)).toEqual([...places.slice(1)])
        }
      }
    }
  })

  it('scores the only token that a text of two has to score', async () => {
    const model = newModel()
    const { crossEntropy, tokens } = await evalPerplexity(model, [3, 7])
    expect(tokens).toBe(1)
    expectNear(crossEntropy, naiveCrossEntropy(model, [3, 7]))
  })

  it('takes what fit takes', async () => {
    const model = newModel()
    const expected = await evalPerplexity(model, corpus)
    expect(await evalPerplexity(model, [...corpus])).toEqual(expected)
    expect(await evalPerplexity(model, Tensor.from(corpus))).toEqual(expected)
    expect(await evalPerplexity(model, corpus, { batchSize: 10, timeSize: 35, tail: 'score' })).toEqual(
      expected,
    )
  })
})

describe("tail 'drop'", () => {
  /** The book's: whole blocks only, and the mean over their losses. */
  function byTheBook(model: SimpleRnnlm, N: number, T: number): number {
    const size = corpus.length
    const maxIters = Math.floor((size - 1) / (N * T))
    const jump = Math.floor((size - 1) / N)
    let total = 0
    for (let k = 0; k < maxIters; k++) {
      const block = (shift: number): TokenBatch =>
        Tensor.from(
          Int32Array.from({ length: N * T }, (_, place) => {
            const offset = k * T + Math.floor(place / T) * jump
            return corpus[(offset + (place % T) + shift) % size]!
          }),
          [N, T],
        )
      total += model.forward(block(0), block(1))
    }
    return Math.exp(total / maxIters)
  }

  it.each([
    [10, 15],
    [3, 7],
    [1, 35],
    [153, 1],
    [1, 153],
  ])('is the book’s perplexity with %i streams of %i steps', async (batchSize, timeSize) => {
    const { perplexity, tokens } = await evalPerplexity(newModel(), corpus, {
      batchSize,
      timeSize,
      tail: 'drop',
    })
    expectNear(perplexity, byTheBook(newModel(), batchSize, timeSize), 1e-12)
    expect(tokens).toBe(Math.floor(153 / (batchSize * timeSize)) * batchSize * timeSize)
  })

  it('says that a path is no model', async () => {
    const refused = evalPerplexity('novel' as unknown as SimpleRnnlm, [1, 2, 3])
    await expect(refused).rejects.toThrow('evalPerplexity: model: expected a language model, got "novel"')
  })

  it('says so where not one block is full', async () => {
    const refused = (ids: number[], options: EvaluationOptions, message: string) =>
      expect(evalPerplexity(newModel(), ids, { ...options, tail: 'drop' })).rejects.toThrow(
        new RangeError(message),
      )
    await refused(
      [...corpus],
      {},
      "evalPerplexity: corpus: expected more than batchSize × timeSize = 10 × 35 = 350 token ids, since tail is 'drop', got 154",
    )
    await refused(
      [0, 1, 2, 3, 4],
      { timeSize: 1 },
      "evalPerplexity: corpus: expected more than batchSize × timeSize = 10 × 1 = 10 token ids, since tail is 'drop', got 5",
    )
  })
})

describe('positions', () => {
  it('are scored apart, each given all before it', async () => {
    const model = newModel()
    const losses = await Promise.all(
      [...corpus.keys()].slice(1).map(async (position) => {
        const positions = Int32Array.of(position)
        const { crossEntropy, tokens } = await evalPerplexity(model, corpus, { batchSize: 1, positions })
        expect(tokens).toBe(1)
        return crossEntropy
      }),
    )
    const all = await evalPerplexity(model, corpus, { batchSize: 1 })
    const mean = losses.reduce((sum, loss) => sum + loss) / losses.length
    expectNear(mean, all.crossEntropy)
    const some = await evalPerplexity(model, corpus, {
      batchSize: 1,
      timeSize: 7,
      positions: Int32Array.of(150, 3, 77),
    })
    expectNear(some.crossEntropy, (losses[149]! + losses[2]! + losses[76]!) / 3)
    expect(some.tokens).toBe(3)
  })

  it('all of them are the whole text', async () => {
    const model = newModel()
    const positions = Int32Array.from({ length: corpus.length - 1 }, (_, i) => i + 1)
    expect(await evalPerplexity(model, corpus, { positions })).toEqual(await evalPerplexity(model, corpus))
  })

  it('that fall into the tail are left out with it', async () => {
    const options = { batchSize: 10, timeSize: 15, tail: 'drop' as const }
    const positions = Int32Array.of(1, 153)
    expect((await evalPerplexity(newModel(), corpus, { ...options, positions })).tokens).toBe(1)
    await expect(
      evalPerplexity(newModel(), corpus, { ...options, positions: Int32Array.of(153) }),
    ).rejects.toThrow("at least one place that is scored, since tail is 'drop'")
  })
})

describe('the state of a model in training', () => {
  it('is bit for bit as it was afterwards', async () => {
    const model = newModel()
    await evalPerplexity(model, corpus)
    expect(stateOf(model)).toEqual([null])
    const before = stateOf(inTraining(model))
    const first = await evalPerplexity(model, corpus)
    expect(stateOf(model)).toEqual(before)
    expect(await evalPerplexity(newModel(), corpus)).toEqual(first)
  })

  it('is as it was between blocks, too', async () => {
    const model = inTraining(newModel())
    const before = stateOf(model)
    let isDone = false
    const evaluation = evalPerplexity(model, corpus, { timeSize: 2 }).finally(() => {
      isDone = true
    })
    let looks = 0
    while (!isDone) {
      expect(stateOf(model)).toEqual(before)
      looks++
      await new Promise(setImmediate)
    }
    await evaluation
    expect(looks).toBeGreaterThan(5)
  })

  it('is as it was where the evaluation fails', async () => {
    class Failing extends SimpleRnnlm {
      override score(xs: TokenBatch, ts: TokenBatch, state: State): never {
        super.score(xs, ts, state)
        throw new Error('my own')
      }
    }
    const model = inTraining(new Failing(V, D, H))
    const before = stateOf(model)
    await expect(evalPerplexity(model, corpus)).rejects.toThrow('my own')
    expect(stateOf(model)).toEqual(before)
  })

  const [trainingText, heldOut] = [corpus, corpus.slice(40, 110)]
  const [N, T] = [2, 3]

  /** Trains while `evaluate`, if given, runs over and over. */
  async function train(lr: number, evaluate?: (model: SimpleRnnlm) => Promise<unknown>) {
    const model = newModel()
    const trainer = new RnnlmTrainer(model, new SGD(lr))
    let isTraining = true
    const training = trainer
      .fit(trainingText.slice(0, -1), trainingText.slice(1), { batchSize: N, timeSize: T, maxEpoch: 4 })
      .finally(() => {
        isTraining = false
      })
    const evaluations: unknown[] = []
    while (evaluate && isTraining && evaluations.length < 200) evaluations.push(await evaluate(model))
    await training
    const weights = model.params.map((param) => param.toArray())
    return { trained: { weights, state: stateOf(model), perplexities: trainer.pplList }, evaluations }
  }

  it.each([
    ['the shape of training', { batchSize: N, timeSize: T }],
    ['another shape', { batchSize: 5, timeSize: 4 }],
    ['blocks that do not fill up', { batchSize: 3, timeSize: 50 }],
  ])('leaves fit as it is while evaluations run beside it, in %s', async (_, options) => {
    const { trained } = await train(0.5)
    const beside = await train(0.5, (model) => evalPerplexity(model, heldOut, options))
    expect(beside.trained).toEqual(trained)
    expect(beside.evaluations.length).toBeGreaterThan(0)
  })

  it('does not reach into the evaluation', async () => {
    const options = { batchSize: N, timeSize: T }
    const quiet = await evalPerplexity(newModel(), heldOut, options)
    const { evaluations } = await train(0, (model) => evalPerplexity(model, heldOut, options))
    expect(evaluations.length).toBeGreaterThan(0)
    for (const evaluation of evaluations) expect(evaluation).toEqual(quiet)
  })

  it('is left alone by evaluations inside onProgress', async () => {
    const { trained } = await train(0.5)
    const model = newModel()
    const trainer = new RnnlmTrainer(model, new SGD(0.5))
    await trainer.fit(trainingText.slice(0, -1), trainingText.slice(1), {
      batchSize: N,
      timeSize: T,
      maxEpoch: 4,
      onProgress: async ({ isEndOfEpoch }) => {
        if (isEndOfEpoch) await evalPerplexity(model, heldOut)
      },
    })
    expect(model.params.map((param) => param.toArray())).toEqual(trained.weights)
  })
})

describe('signal', () => {
  it('stops an evaluation before it starts', async () => {
    const reason = new Error('not today')
    const evaluation = evalPerplexity(newModel(), corpus, { signal: AbortSignal.abort(reason) })
    await expect(evaluation).rejects.toBe(reason)
  })

  it('stops it between blocks', async () => {
    const model = inTraining(newModel())
    const before = stateOf(model)
    const controller = new AbortController()
    setImmediate(() => controller.abort('enough'))
    const evaluation = evalPerplexity(model, corpus, { batchSize: 1, timeSize: 1, signal: controller.signal })
    await expect(evaluation).rejects.toBe('enough')
    expect(stateOf(model)).toEqual(before)
  })
})

describe('errors', () => {
  it.each<[string, unknown, object]>([
    ['evalPerplexity: corpus: expected at least 2 token ids, got 0', [], {}],
    ['evalPerplexity: corpus: expected at least 2 token ids, got 1', [3], {}],
    ["evalPerplexity: corpus: token id 11 at 1 is outside 0…10 (the model's vocabulary)", [0, 11], {}],
    ['evalPerplexity: corpus[1]: expected an integer, got 0.5', [0, 0.5], {}],
    [
      'evalPerplexity: corpus: expected token ids: an Int32Array, an array or an int32 Tensor, got undefined',
      undefined,
      {},
    ],
    ['evalPerplexity: batchSize: expected an integer of at least 1, got 0', corpus, { batchSize: 0 }],
    ['evalPerplexity: timeSize: expected an integer of at least 1, got "5"', corpus, { timeSize: '5' }],
    ["evalPerplexity: tail: expected 'score' or 'drop', got \"keep\"", corpus, { tail: 'keep' }],
    ['evalPerplexity: positions: expected an Int32Array, got Array(1)', corpus, { positions: ['1'] }],
    [
      'evalPerplexity: positions: expected at least one place, got Int32Array(0)',
      corpus,
      { positions: new Int32Array(0) },
    ],
    [
      'evalPerplexity: positions[1]: expected an integer in 1…153, got 154',
      corpus,
      { positions: Int32Array.of(1, 154) },
    ],
    ['evalPerplexity: signal: expected an AbortSignal, got true', corpus, { signal: true }],
    ['evalPerplexity: unknown option "batch"; did you mean "batchSize"?', corpus, { batch: 10 }],
    ['evalPerplexity: options: expected an object, got 10', corpus, 10 as never],
  ])('%s', async (message, ids, options) => {
    const error: unknown = await evalPerplexity(newModel(), ids as number[], options).catch((cause) => cause)
    expect(error).toBeInstanceOf(Error)
    expect((error as Error).message).toBe(message)
  })
})
