/** Training by recorded steps is training: the same bits as the same operations called one by one from TypeScript. */
import { describe, expect, it, vi } from 'vitest'
import { generateCorpus } from '../../src/data/builtin/corpus.ts'
import { CELL_NAMES, LanguageModel, SimpleRnnlm } from '../../src/models/index.ts'
import { SGD } from '../../src/optim/index.ts'
import { Tape, Tensor } from '../../src/tensor/index.ts'
import { evalPerplexity, type FitOptions, RnnlmTrainer } from '../../src/train/index.ts'

const { corpus, idToWord } = generateCorpus({ words: 1201, seed: 5 })
const xs = corpus.subarray(0, -1)
const ts = corpus.subarray(1)
const V = idToWord.length
const SHORT = { maxEpoch: 2, batchSize: 4, timeSize: 5, maxGrad: 0.2 }
const LONG = { maxEpoch: 2, batchSize: 10, timeSize: 30, maxGrad: 0.2 }

const block = (N: number, T: number) => Tensor.from(corpus.slice(0, N * T), [N, T])

class Unrecorded extends SimpleRnnlm {
  override readonly isRecordable = false
}

function bytesOf(model: SimpleRnnlm): Buffer {
  return Buffer.concat(model.params.map(({ data }: Tensor) => Buffer.from(data.slice().buffer)))
}

interface Run {
  losses: number[]
  weights: Buffer
}

async function train(model: SimpleRnnlm, options: FitOptions, optimizer = new SGD(0.5)): Promise<Run> {
  const losses: number[] = []
  await new RnnlmTrainer(model, optimizer).fit(xs, ts, {
    ...options,
    onProgress: async (progress) => {
      losses.push(progress.loss)
      await options.onProgress?.(progress)
    },
  })
  return { losses, weights: bytesOf(model) }
}

const sizes = (options: FitOptions): [number, number, number] =>
  options === LONG ? [V, 64, 400] : [V, 16, 24]

describe.each([
  ['short steps, which run at once', SHORT],
  ['long steps, which run on a thread of their own', LONG],
])('%s', (_, options) => {
  it('give the same bits as steps in TypeScript', async () => {
    let milliseconds = 0 // by which steps are long or short, whatever the machine
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
      if (options === LONG) milliseconds += 2
      return milliseconds
    })
    const runs = vi.spyOn(Tape.prototype, options === LONG ? 'runInBackground' : 'run')
    const recorded = await train(new SimpleRnnlm(...sizes(options)), options)
    expect(runs.mock.calls.length).toBe(recorded.losses.length - (options === LONG ? 0 : 1))
    runs.mockRestore()
    clock.mockRestore()
    const plain = await train(new Unrecorded(...sizes(options)), options)
    expect(recorded.losses).toEqual(plain.losses)
    expect(recorded.weights.equals(plain.weights)).toBe(true)
  })

  it('continue rightly after an evaluation of other shapes, a change of the rate and a reset', async () => {
    const onProgress = (model: SimpleRnnlm, optimizer: SGD): FitOptions['onProgress'] => {
      return async ({ iteration }) => {
        if (iteration === 4)
          await evalPerplexity(model, corpus.subarray(0, 300), { batchSize: 3, timeSize: 7 })
        if (iteration === 5) optimizer.lr = 0.1
        if (iteration === 6) model.resetState()
      }
    }
    const run = async (model: SimpleRnnlm) => {
      const optimizer = new SGD(0.5, { weightDecay: 0.01 })
      return train(model, { ...options, onProgress: onProgress(model, optimizer) }, optimizer)
    }
    const recorded = await run(new SimpleRnnlm(...sizes(options)))
    const plain = await run(new Unrecorded(...sizes(options)))
    expect(recorded.losses).toEqual(plain.losses)
    expect(recorded.weights.equals(plain.weights)).toBe(true)
  })

  it('begin from zero in the same rows', async () => {
    const resets = { ...options, stateReset: 0.3 }
    const recorded = await train(new SimpleRnnlm(...sizes(options)), resets)
    const plain = await train(new Unrecorded(...sizes(options)), resets)
    expect(recorded.losses).toEqual(plain.losses)
    expect(recorded.weights.equals(plain.weights)).toBe(true)
    const never = await train(new SimpleRnnlm(...sizes(options)), { ...options, stateReset: 0 })
    const byDefault = await train(new SimpleRnnlm(...sizes(options)), options)
    expect(never.losses).toEqual(byDefault.losses)
    expect(never.losses).not.toEqual(recorded.losses)
  })

  it('leave room for evaluations at the same time', async () => {
    const model = new SimpleRnnlm(...sizes(options))
    const [trained] = await Promise.all([
      train(model, options),
      evalPerplexity(model, corpus, { batchSize: 3, timeSize: 20 }),
    ])
    const alone = await train(new SimpleRnnlm(...sizes(options)), options)
    expect(trained.weights.equals(alone.weights)).toBe(true)
  })

  it('stop where the loss is no longer finite, with the weights of the step before', async () => {
    const optimizer = new SGD(0.5)
    const model = new SimpleRnnlm(...sizes(options))
    let before: Buffer | undefined
    const fit = train(
      model,
      {
        ...options,
        onProgress: ({ iteration }) => {
          if (iteration !== 6) return
          model.params[0]!.data[0] = Number.NaN
          model.params[5]!.data.fill(Number.NaN)
          before = bytesOf(model)
        },
      },
      optimizer,
    )
    await expect(fit).rejects.toThrow('the loss is NaN at iteration 7')
    expect(bytesOf(model).equals(before!)).toBe(true)
  })
})

it.each(['forward', 'backward'] as const)('a %s that is watched is called at every step', async (method) => {
  const model = new SimpleRnnlm(...sizes(SHORT))
  const spy = vi.spyOn(model, method)
  const { losses } = await train(model, SHORT)
  expect(spy.mock.calls.length).toBe(losses.length)
})

it.each(['short', 'long'])(
  '%s steps are not recorded again because models are read beside them',
  async (length) => {
    const options = length === 'long' ? LONG : SHORT
    const recordings = vi.spyOn(Tape, 'record')
    const countFor = async (onProgress?: FitOptions['onProgress']): Promise<number> => {
      recordings.mockClear()
      for (const cell of CELL_NAMES) {
        const model = new LanguageModel({ cell, vocabSize: V, wordvecSize: 8, hiddenSize: 8, layers: 2 })
        const read = onProgress && (() => evalPerplexity(model, corpus.subarray(0, 50)))
        await new RnnlmTrainer(model, new SGD(0.5)).fit(xs, ts, {
          ...options,
          onProgress: async (progress) => {
            await Promise.all([read?.(), onProgress?.(progress)])
          },
        })
      }
      return recordings.mock.calls.length
    }
    const other = new SimpleRnnlm(...sizes(SHORT))
    const alone = await countFor()
    expect(alone).toBeLessThan(10)
    expect(await countFor(() => void other.forward(block(2, 3), block(2, 3)))).toBe(alone)
  },
)

it('a method that is replaced between steps is called from then on', async () => {
  const model = new SimpleRnnlm(...sizes(SHORT))
  const optimizer = new SGD(0.5)
  let updates = 0
  const { losses } = await train(
    model,
    {
      ...SHORT,
      onProgress: ({ iteration }) => {
        if (iteration !== 9) return
        optimizer.update = () => updates++
      },
    },
    optimizer,
  )
  expect(updates).toBe(losses.length - 9)
})
