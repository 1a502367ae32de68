/** Readers of a model that is being trained, on a clock that only readers and steps move. */
import { describe, expect, it } from 'vitest'
import type { TokenBatch } from '../../src/layers/index.ts'
import { Rnnlm, SimpleRnnlm, Turns } from '../../src/models/index.ts'
import { SGD } from '../../src/optim/index.ts'
import { Tape, Tensor } from '../../src/tensor/index.ts'
import { evalInCallback, evalPerplexity } from '../../src/train/perplexity.ts'
import { RnnlmTrainer } from '../../src/train/trainer.ts'

function newTurns() {
  let now = 0
  const turns = new Turns(() => now)
  const served: string[] = []
  /** A reading that takes `milliseconds`. */
  const read = (name: string, milliseconds: number, options = {}) =>
    turns.take(() => {
      now += milliseconds
      served.push(name)
      return name
    }, options)
  /** A client that reads `count` times in a row. */
  const client = async (name: string, milliseconds: number, count: number) => {
    for (let i = 0; i < count; i++) await read(name, milliseconds)
  }
  const step = async (milliseconds: number) => {
    now += milliseconds
    await turns.betweenSteps(milliseconds)
  }
  return { turns, served, read, client, step }
}

const eventLoop = () => new Promise(setImmediate)

describe('turns', () => {
  it('are not needed outside a training: a reader is served at once', async () => {
    const { read, served } = newTurns()
    const reading = read('a', 1)
    expect(served).toEqual(['a'])
    await expect(reading).resolves.toBe('a')
  })

  it('wait for the end of a step, and come first to first', async () => {
    const { turns, read, served, step } = newTurns()
    turns.begin()
    const readings = ['a', 'b', 'c'].map((name) => read(name, 1))
    await eventLoop()
    expect(served).toEqual([])
    await step(6)
    expect(served).toEqual(['a', 'b', 'c'])
    await Promise.all(readings)
  })

  it('take no longer together than half of the step before them', async () => {
    const { turns, read, served, step } = newTurns()
    turns.begin()
    for (let i = 0; i < 10; i++) void read(`${i}`, 2)
    await step(16)
    expect(served).toEqual(['0', '1', '2', '3'])
    await step(16)
    expect(served).toEqual(['0', '1', '2', '3', '4', '5', '6', '7'])
  })

  it('are not saved up while nobody waits', async () => {
    const { turns, read, served, step } = newTurns()
    turns.begin()
    for (let i = 0; i < 100; i++) await step(5)
    for (let i = 0; i < 50; i++) void read(`${i}`, 1)
    await step(10)
    expect(served.length).toBe(5)
  })

  it.each([
    ['short steps', 0.1, 3],
    ['long steps', 150, 3],
  ])('leave training half its time, and serve all clients alike: %s', async (_, stepTime, readTime) => {
    const { turns, client, served, step } = newTurns()
    turns.begin()
    const names = Array.from({ length: 50 }, (_, i) => `client ${i}`)
    const clients = Promise.all(names.map((name) => client(name, readTime, 4)))
    let isDone = false
    void clients.then(() => {
      isDone = true
    })
    let trained = 0
    while (!isDone) {
      await step(stepTime)
      trained += stepTime
    }
    const read = served.length * readTime
    expect(read).toBe(50 * 4 * readTime)
    expect(trained).toBeGreaterThanOrEqual(read - readTime - stepTime)
    for (let round = 0; round < 4; round++)
      expect(new Set(served.slice(round * 50, (round + 1) * 50)).size).toBe(50)
  })

  it('end with an error of the reader alone', async () => {
    const { turns, read, served, step } = newTurns()
    turns.begin()
    const failing = turns.take(() => {
      throw new Error('my own')
    })
    const reading = read('next', 1)
    await Promise.all([expect(failing).rejects.toThrow('my own'), step(1)])
    await reading
    expect(served).toEqual(['next'])
  })

  it('are left by a reader whose signal is aborted', async () => {
    const { turns, read, served, step } = newTurns()
    const controller = new AbortController()
    turns.begin()
    const leaving = read('leaves', 1, { signal: controller.signal })
    const staying = read('stays', 1, { signal: new AbortController().signal })
    controller.abort('enough')
    await Promise.all([expect(leaving).rejects.toBe('enough'), step(1)])
    await staying
    expect(served).toEqual(['stays'])
    await expect(read('late', 1, { signal: controller.signal })).rejects.toBe('enough')
  })

  it('are given to all that wait when training ends, and when it fails', async () => {
    const { turns, client, served } = newTurns()
    turns.begin()
    const clients = Promise.all(['a', 'b'].map((name) => client(name, 20, 2)))
    turns.end()
    await clients
    expect(served).toEqual(['a', 'b', 'a', 'b'])
  })

  it('come while a callback of the training waits, and not during one that does not', async () => {
    const { turns, read, served } = newTurns()
    turns.begin()
    const reading = read('a', 1)
    await turns.during(async () => {})
    expect(served).toEqual([])
    await turns.during(async () => void (await reading))
    expect(served).toEqual(['a'])
  })

  it('come after the readings of a callback, and take as long', async () => {
    const { turns, read, client, served } = newTurns()
    turns.begin()
    const others = Promise.all([client('x', 1, 20), client('y', 1, 20)])
    await turns.during(async () => {
      for (let i = 0; i < 5; i++) {
        await read('own', 2, { isOwn: true })
        await eventLoop()
      }
    })
    expect(served.filter((name) => name === 'own').length).toBe(5)
    expect(served.length).toBeLessThanOrEqual(5 + 10 + 2)
    expect(served.length).toBeGreaterThan(5 + 4)
    turns.end()
    await others
  })
})

describe('a model in training', () => {
  const corpus = Int32Array.from({ length: 154 }, (_, i) => (i * i + 3 * i + (i >> 3)) % 11)
  const options = { batchSize: 2, timeSize: 3, maxEpoch: 4 }
  const fit = (model: SimpleRnnlm, more: object) =>
    new RnnlmTrainer(model, new SGD(0.5)).fit(corpus.slice(0, -1), corpus.slice(1), { ...options, ...more })

  it.each([
    ['evalPerplexity', evalPerplexity],
    ['evalInCallback', evalInCallback],
  ])('can be evaluated by a callback of its training, with %s', async (_, evaluate) => {
    const model = new SimpleRnnlm(11, 5, 6)
    const others = Array.from({ length: 5 }, () => evalPerplexity(model, corpus, { timeSize: 2 }))
    let evaluations = 0
    await fit(model, {
      onProgress: async ({ isEndOfEpoch }: { isEndOfEpoch: boolean }) => {
        if (isEndOfEpoch) await evaluate(model, corpus)
        if (isEndOfEpoch) evaluations++
      },
    })
    expect(evaluations).toBe(4)
    await Promise.all(others)
  })

  it('answers its readers when training fails', async () => {
    const model = new SimpleRnnlm(11, 5, 6)
    const training = fit(model, {
      onProgress: () => {
        throw new Error('my own')
      },
    })
    const reading = evalPerplexity(model, corpus)
    await expect(training).rejects.toThrow('my own')
    await expect(reading).resolves.toHaveProperty('tokens', 153)
  })
})

it('readings of many shapes leave a model the buffers of its training', async () => {
  const model = new Rnnlm(11, 5, 6)
  const block = (N: number, T: number): TokenBatch => Tensor.zeros([N, T], 'int32')
  const step = () =>
    Tape.record(() => {
      model.forward(block4x5, block4x5)
      model.backward()
    })
  const block4x5 = block(4, 5)
  step()
  const before = step()
  for (let T = 1; T < 10; T++) model.score(block(1, T), block(1, T), model.initialState())
  expect(step().equals(before)).toBe(true)
})
