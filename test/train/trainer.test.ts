import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import { afterAll, describe, expect, it, vi } from 'vitest'
import type { TokenBatch } from '../../src/layers/index.ts'
import { SimpleRnnlm } from '../../src/models/index.ts'
import { clipGrads, SGD } from '../../src/optim/index.ts'
import { savePlot } from '../../src/report/plot.ts'
import { norm, Tensor } from '../../src/tensor/index.ts'
import { DivergedError } from '../../src/train/diverged-error.ts'
import { type FitOptions, type FitProgress, RnnlmTrainer } from '../../src/train/index.ts'

vi.mock('../../src/report/plot.ts', { spy: true })

const V = 11
const corpus = Int32Array.from({ length: 154 }, (_, i) => (i * i + 3 * i + (i >> 3)) % V)
const xs = corpus.slice(0, -1)
const ts = corpus.slice(1)
const [N, T] = [2, 3]
const ITERATIONS_PER_EPOCH = 25
const small = { batchSize: N, timeSize: T }

function newModel(): SimpleRnnlm {
  return new SimpleRnnlm(V, 5, 6, { seed: 1 })
}

function newTrainer(lr = 0.5): RnnlmTrainer {
  return new RnnlmTrainer(newModel(), new SGD(lr))
}

function weightsOf({ model }: RnnlmTrainer) {
  return model.params.map((param) => param.toArray())
}

/** The loop as one would write it by hand; gives the loss of every iteration and the weights it ends with. */
function trainByHand(iterations: number, maxGrad?: number) {
  const model = newModel()
  const sgd = new SGD(0.5)
  const jump = Math.floor(xs.length / N)
  const losses = Array.from({ length: iterations }, (_, k) => {
    const block = (ids: Int32Array): TokenBatch =>
      Tensor.from(
        Int32Array.from({ length: N * T }, (_, place) => {
          const [i, t] = [Math.floor(place / T), place % T]
          return ids[(i * jump + k * T + t) % ids.length]!
        }),
        [N, T],
      )
    const loss = model.forward(block(xs), block(ts))
    model.backward()
    if (maxGrad !== undefined) clipGrads(model.grads, maxGrad)
    sgd.update(model.params, model.grads)
    return loss
  })
  return { losses, weights: model.params.map((param) => param.toArray()) }
}

function perplexityOf(losses: number[]): number {
  let total = 0
  for (const loss of losses) total += loss
  return Math.exp(total / losses.length)
}

/** A model whose loss is `value` at iteration `iteration`. */
class FailingRnnlm extends SimpleRnnlm {
  readonly #iteration: number
  readonly #value: number
  #count = 0

  constructor(iteration: number, value: number) {
    super(V, 5, 6, { seed: 1 })
    this.#iteration = iteration
    this.#value = value
  }

  override forward(xs: TokenBatch, ts: TokenBatch): number {
    const loss = super.forward(xs, ts)
    return ++this.#count === this.#iteration ? this.#value : loss
  }
}

describe('fit', () => {
  it('records one perplexity an epoch with evalInterval null, bit for bit those of a loop by hand', async () => {
    const trainer = newTrainer()
    await trainer.fit(xs, ts, { ...small, maxEpoch: 3, evalInterval: null })
    const { losses, weights } = trainByHand(3 * ITERATIONS_PER_EPOCH)
    expect(trainer.pplList).toEqual(
      [0, 25, 50].map((start) => perplexityOf(losses.slice(start, start + ITERATIONS_PER_EPOCH))),
    )
    expect(weightsOf(trainer)).toEqual(weights)
  })

  it('records at iterations 0, 20, … of each epoch otherwise, each over what came since the last record', async () => {
    const trainer = newTrainer()
    await trainer.fit(xs, ts, { ...small, maxEpoch: 3 })
    const { losses } = trainByHand(3 * ITERATIONS_PER_EPOCH)
    const records = [0, 1, 21, 26, 46, 51, 71]
    expect(trainer.pplList).toEqual(
      records.slice(1).map((end, i) => perplexityOf(losses.slice(records[i]!, end))),
    )
  })

  it('ends an epoch after epochSize tokens, and the next one reads what follows', async () => {
    const trainer = newTrainer()
    const epochSize = 10 * small.batchSize * small.timeSize + 1
    await trainer.fit(xs, ts, { ...small, epochSize, maxEpoch: 3, evalInterval: null })
    const { losses, weights } = trainByHand(30)
    expect(trainer.pplList).toEqual([0, 10, 20].map((start) => perplexityOf(losses.slice(start, start + 10))))
    expect(weightsOf(trainer)).toEqual(weights)
  })

  it('has epochs of the whole text if it has fewer tokens than epochSize', async () => {
    const trainer = newTrainer()
    await trainer.fit(xs, ts, { ...small, epochSize: 10 * xs.length, maxEpoch: 2, evalInterval: null })
    expect(weightsOf(trainer)).toEqual(trainByHand(2 * ITERATIONS_PER_EPOCH).weights)
  })

  it('clips gradients to maxGrad', async () => {
    const trainer = newTrainer()
    await trainer.fit(xs, ts, { ...small, maxEpoch: 1, maxGrad: 0.25 })
    const clipped = trainByHand(ITERATIONS_PER_EPOCH, 0.25)
    expect(weightsOf(trainer)).toEqual(clipped.weights)
    expect(clipped.weights).not.toEqual(trainByHand(ITERATIONS_PER_EPOCH).weights)
  })

  it('learns', async () => {
    const trainer = newTrainer()
    const pattern = Array.from({ length: 121 }, (_, i) => [1, 4, 2, 8, 5, 7][i % 6]!)
    await trainer.fit(pattern.slice(0, -1), pattern.slice(1), { ...small, maxEpoch: 20, evalInterval: null })
    expect(trainer.pplList[0]).toBeGreaterThan(3)
    expect(trainer.pplList.at(-1)).toBeLessThan(1.1)
  })

  it('has the book’s defaults: 10 epochs, 20 streams, 35 steps, a record every 20 iterations', async () => {
    const long = Int32Array.from({ length: 20 * 35 * 2 }, (_, i) => i % V)
    const seen: FitProgress[] = []
    const trainer = newTrainer(0.1)
    await trainer.fit(long, long, { onProgress: (progress) => void seen.push({ ...progress }) })
    expect(seen).toHaveLength(20)
    expect(seen.at(-1)).toMatchObject({ epoch: 10, maxEpoch: 10 })
    expect(trainer.pplList).toHaveLength(10)
  })

  it('starts a new list and a new run of the data each time, and continues with the weights', async () => {
    const trainer = newTrainer()
    await trainer.fit(xs, ts, { ...small, maxEpoch: 2, evalInterval: null })
    const [, second] = trainer.pplList
    await trainer.fit(xs, ts, { ...small, maxEpoch: 1, evalInterval: null })
    expect(trainer.pplList).toHaveLength(1)
    expect(trainer.pplList[0]).toBeLessThan(second!)
  })
})

describe('onProgress', () => {
  it('is told of every iteration', async () => {
    const trainer = newTrainer()
    const seen: FitProgress[] = []
    await trainer.fit(xs, ts, {
      ...small,
      maxEpoch: 2,
      onProgress: (progress) => void seen.push({ ...progress }),
    })
    const { losses } = trainByHand(2 * ITERATIONS_PER_EPOCH)
    expect(seen.map(({ loss }) => loss)).toEqual(losses)
    expect(seen.map(({ iteration }) => iteration)).toEqual(losses.map((_, i) => i + 1))
    expect(seen.map(({ epoch }) => epoch)).toEqual(losses.map((_, i) => (i < ITERATIONS_PER_EPOCH ? 1 : 2)))
    expect(seen.filter(({ isEndOfEpoch }) => isEndOfEpoch).map(({ iteration }) => iteration)).toEqual([
      25, 50,
    ])
    const recorded = seen.filter(({ isRecorded }) => isRecorded)
    expect(recorded.map(({ iteration }) => iteration)).toEqual([1, 21, 26, 46])
    expect(recorded.map(({ perplexity }) => perplexity)).toEqual(trainer.pplList)
    expect(seen[2]!.perplexity).toBe(perplexityOf(losses.slice(1, 3)))
    for (const [i, progress] of seen.entries()) {
      expect(progress).toMatchObject({ maxEpoch: 2, iterations: 50 })
      expect(progress.wordsPerSecond).toBeGreaterThan(0)
      expect(progress.seconds).toBeGreaterThanOrEqual(i === 0 ? 0 : seen[i - 1]!.seconds)
    }
  })

  it('is waited for when it gives a promise', async () => {
    const order: string[] = []
    await newTrainer().fit(xs.slice(0, 18), ts.slice(0, 18), {
      ...small,
      maxEpoch: 1,
      onProgress: async ({ iteration }) => {
        order.push(`begin ${iteration}`)
        await later(1)
        order.push(`end ${iteration}`)
      },
    })
    expect(order).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2', 'begin 3', 'end 3'])
  })

  it('stops the training by an error of its own, after which the trainer can fit again', async () => {
    const trainer = newTrainer()
    const mine = new Error('my own')
    const failing = [
      () => {
        throw mine
      },
      () => Promise.reject(mine),
    ]
    for (const onProgress of failing) {
      await expect(trainer.fit(xs, ts, { ...small, onProgress })).rejects.toBe(mine)
    }
    await trainer.fit(xs, ts, { ...small, maxEpoch: 1 })
    expect(trainer.pplList).toHaveLength(2)
  })
})

describe('the event loop', () => {
  const sleep = (milliseconds: number) =>
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)

  it('runs between iterations: a timer that is due fires before the next one', async () => {
    const order: string[] = []
    const clock = vi.spyOn(performance, 'now').mockReturnValue(0) // by which all steps are short
    await newTrainer().fit(xs.slice(0, 30), ts.slice(0, 30), {
      ...small,
      maxEpoch: 1,
      onProgress: ({ iteration }) => {
        order.push(`iteration ${iteration}`)
        setTimeout(() => order.push(`timer ${iteration}`), 1)
        sleep(3)
      },
    })
    const expected = [1, 2, 3, 4, 5].flatMap((i) => [`iteration ${i}`, `timer ${i}`])
    clock.mockRestore()
    // The first step runs on a thread of its own: it is not known yet that it is short.
    expect(order.filter((event) => !event.endsWith(' 1')).slice(0, 7)).toEqual(expected.slice(2, 9))
  })

  it('runs between iterations without onProgress, too', async () => {
    let turns = 0
    const turn = () => {
      turns++
      immediate = setImmediate(turn)
    }
    let immediate = setImmediate(turn)
    try {
      await newTrainer().fit(xs, ts, { ...small, maxEpoch: 2 })
    } finally {
      clearImmediate(immediate)
    }
    expect(turns).toBeGreaterThanOrEqual(2 * ITERATIONS_PER_EPOCH - 1)
  })
})

describe('signal', () => {
  it('stops the training before it starts', async () => {
    const trainer = newTrainer()
    const before = weightsOf(trainer)
    const reason = new Error('not today')
    const onProgress = vi.fn()
    const fit = trainer.fit(xs, ts, { ...small, signal: AbortSignal.abort(reason), onProgress })
    await expect(fit).rejects.toBe(reason)
    expect(onProgress).not.toHaveBeenCalled()
    expect(weightsOf(trainer)).toEqual(before)
  })

  it('stops it after the iteration at hand', async () => {
    const trainer = newTrainer()
    const controller = new AbortController()
    let last = 0
    const fit = trainer.fit(xs, ts, {
      ...small,
      signal: controller.signal,
      onProgress: ({ iteration }) => {
        last = iteration
        if (iteration === 7) controller.abort()
      },
    })
    await expect(fit).rejects.toMatchObject({ name: 'AbortError' })
    expect(last).toBe(7)
    expect(weightsOf(trainer)).toEqual(trainByHand(7).weights)
    await trainer.fit(xs, ts, { ...small, maxEpoch: 1 })
  })

  it('may come from elsewhere in the process', async () => {
    const controller = new AbortController()
    setImmediate(() => controller.abort('enough'))
    const fit = newTrainer().fit(xs, ts, { ...small, maxEpoch: 100, signal: controller.signal })
    await expect(fit).rejects.toBe('enough')
  })
})

describe('a second fit', () => {
  it('is refused while one runs, and does it no harm', async () => {
    const trainer = newTrainer()
    const running = trainer.fit(xs, ts, { ...small, maxEpoch: 1 })
    const other = new RnnlmTrainer(trainer.model, new SGD(0.5))
    for (const second of [trainer, other])
      await expect(second.fit(xs, ts, { ...small, maxEpoch: 1 })).rejects.toThrow(
        'fit: this model is being trained already; wait until that is done',
      )
    await running
    expect(weightsOf(trainer)).toEqual(trainByHand(ITERATIONS_PER_EPOCH).weights)
    await trainer.fit(xs, ts, { ...small, maxEpoch: 1 })
  })

  it('is allowed after one that failed', async () => {
    const trainer = new RnnlmTrainer(new FailingRnnlm(3, Number.NaN), new SGD(0.5))
    await expect(trainer.fit(xs, ts, { ...small, batchSize: 0 })).rejects.toThrow(RangeError)
    await expect(trainer.fit(xs, ts, small)).rejects.toThrow('diverged')
    await trainer.fit(xs, ts, { ...small, maxEpoch: 1 })
    expect(trainer.pplList).toHaveLength(2)
  })
})

describe('divergence', () => {
  const gradientNorm = ({ model }: RnnlmTrainer) => Math.hypot(...model.grads.map(norm))

  it.each([Number.NaN, Infinity])(
    'stops training where the loss is %f, with the weights as they were',
    async (value) => {
      const trainer = new RnnlmTrainer(new FailingRnnlm(30, value), new SGD(0.5))
      const error = await trainer.fit(xs, ts, { ...small, evalInterval: null }).catch((error) => error)
      expect(error).toBeInstanceOf(DivergedError)
      expect(error).toMatchObject({ iteration: 30, gradientNorm: expect.closeTo(gradientNorm(trainer), 5) })
      expect(error.message).toBe(
        `fit: the loss is ${value} at iteration 30 (epoch 2), the last norm of the gradients ` +
          `${error.gradientNorm.toPrecision(4)}: training has diverged. ` +
          'Try a lower learning rate than 0.5, or clip the gradients (maxGrad: 0.25).',
      )
      const { losses, weights } = trainByHand(29)
      expect(weightsOf(trainer)).toEqual(weights)
      expect(trainer.pplList).toEqual([perplexityOf(losses.slice(0, ITERATIONS_PER_EPOCH))])
    },
  )

  it('is a loss whose perplexity is infinite, too', async () => {
    const trainer = new RnnlmTrainer(new FailingRnnlm(3, 800), new SGD(0.5))
    await expect(trainer.fit(xs, ts, small)).rejects.toThrow('fit: the loss is 800 at iteration 3 (epoch 1)')
  })

  it('advises a smaller maxGrad where there is one', async () => {
    const trainer = new RnnlmTrainer(new FailingRnnlm(1, Number.NaN), new SGD(0.5))
    await expect(trainer.fit(xs, ts, { ...small, maxGrad: 5 })).rejects.toThrow(
      'Try a lower learning rate than 0.5 or a smaller maxGrad.',
    )
  })

  it('is seen at once where the learning rate leaves float32', async () => {
    const trainer = newTrainer(1e39)
    let last: unknown
    const onProgress = () => {
      last = weightsOf(trainer)
    }
    const fit = trainer.fit(xs, ts, { ...small, onProgress })
    await expect(fit).rejects.toThrow('fit: the loss is NaN at iteration 2 (epoch 1)')
    expect(weightsOf(trainer)).toEqual(last)
  })
})

describe('errors', () => {
  it.each<[string, unknown, unknown, unknown]>([
    [
      'fit: xs: expected at least batchSize × timeSize = 20 × 35 = 700 token ids (a longer text, or a smaller batchSize or timeSize), got 153',
      xs,
      ts,
      {},
    ],
    [
      'fit: xs: expected at least batchSize × timeSize = 154 × 1 = 154 token ids (a longer text, or a smaller batchSize or timeSize), got 153',
      xs,
      ts,
      { batchSize: 154, timeSize: 1 },
    ],
    [
      'fit: xs: expected at least batchSize × timeSize = 1 × 154 = 154 token ids (a longer text, or a smaller batchSize or timeSize), got 153',
      xs,
      ts,
      { batchSize: 1, timeSize: 154 },
    ],
    [
      'fit: xs: expected at least batchSize × timeSize = 2 × 3 = 6 token ids (a longer text, or a smaller batchSize or timeSize), got 0',
      [],
      [],
      small,
    ],
    ['fit: ts: expected 153 token ids, as many as xs, got 152', xs, ts.slice(1), small],
    ["fit: xs: token id 11 at 6 is outside 0…10 (the model's vocabulary)", [0, 0, 0, 0, 0, 0, 11], xs, small],
    ["fit: ts: token id -1 at 1 is outside 0…10 (the model's vocabulary)", xs, [0, -1], small],
    ['fit: xs[2]: expected an integer, got 0.5', [0, 1, 0.5], ts, small],
    [
      'fit: ts: expected token ids: an Int32Array, an array or an int32 Tensor, got undefined',
      xs,
      undefined,
      small,
    ],
    ['fit: maxEpoch: expected an integer of at least 1, got 0', xs, ts, { ...small, maxEpoch: 0 }],
    ['fit: maxEpoch: expected an integer of at least 1, got "3"', xs, ts, { ...small, maxEpoch: '3' }],
    ['fit: batchSize: expected an integer of at least 1, got 2.5', xs, ts, { ...small, batchSize: 2.5 }],
    ['fit: timeSize: expected an integer of at least 1, got -3', xs, ts, { ...small, timeSize: -3 }],
    ['fit: timeSize: expected an integer of at least 1, got null', xs, ts, { ...small, timeSize: null }],
    ['fit: maxGrad: expected a number of at least 0, got NaN', xs, ts, { ...small, maxGrad: Number.NaN }],
    ['fit: evalInterval: expected an integer of at least 1, got 0', xs, ts, { ...small, evalInterval: 0 }],
    [
      'fit: signal: expected an AbortSignal, got AbortController',
      xs,
      ts,
      { ...small, signal: new AbortController() },
    ],
    ['fit: onProgress: expected a function, got "log"', xs, ts, { ...small, onProgress: 'log' }],
    ['fit: unknown option "maxEpochs"; did you mean "maxEpoch"?', xs, ts, { ...small, maxEpochs: 3 }],
    ['fit: options: expected an object, got 1', xs, ts, 1],
  ])('%s', async (message, tokens, targets, options) => {
    const trainer = newTrainer()
    const before = weightsOf(trainer)
    const error: unknown = await trainer
      .fit(tokens as number[], targets as number[], options as FitOptions)
      .catch((cause) => cause)
    expect(error).toBeInstanceOf(Error)
    expect((error as Error).message).toBe(message)
    expect(weightsOf(trainer)).toEqual(before)
  })

  it('name what is no model and no optimizer', () => {
    expect(() => new RnnlmTrainer(null as never, new SGD())).toThrow(
      new TypeError('RnnlmTrainer: model: expected a language model, got null'),
    )
    expect(() => new RnnlmTrainer(newModel(), 0.1 as never)).toThrow(
      new TypeError('RnnlmTrainer: optimizer: expected an optimizer, got 0.1'),
    )
  })
})

describe('plot', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rnnlm-trainer-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  it('writes the perplexities by iteration, each where it was recorded', async () => {
    const trainer = newTrainer()
    await trainer.fit(xs, ts, { ...small, maxEpoch: 2 })
    const path = join(folder, 'perplexity.svg')
    trainer.plot(path, { ylim: [0, 12] })
    expect(readFileSync(path, 'utf8')).toMatch(/^<svg[\s\S]*iteration[\s\S]*<\/svg>\s*$/)
    const [, series, options] = vi.mocked(savePlot).mock.lastCall!
    expect(series).toEqual([{ name: 'training', x: [1, 21, 26, 46], y: trainer.pplList }])
    expect(options).toMatchObject({ xLabel: 'iteration', yLimits: [0, 12] })
  })

  it('writes them by epoch with evalInterval null', async () => {
    const trainer = newTrainer()
    await trainer.fit(xs, ts, { ...small, maxEpoch: 3, evalInterval: null })
    trainer.plot(join(folder, 'epochs.svg'))
    const [, series, options] = vi.mocked(savePlot).mock.lastCall!
    expect(series).toEqual([{ name: 'training', x: [1, 2, 3], y: trainer.pplList }])
    expect(options).toMatchObject({ xLabel: 'epoch' })
  })

  it('says that there is nothing to draw yet', () => {
    expect(() => newTrainer().plot(join(folder, 'nothing.svg'))).toThrow(
      new Error('plot: nothing is recorded yet; call fit first'),
    )
  })
})
