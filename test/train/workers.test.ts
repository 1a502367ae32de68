/** A worker that is ended in the middle of a step leaves the others as they are. */
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'
import { SimpleRnnlm } from '../../src/models/index.ts'
import { SGD } from '../../src/optim/index.ts'
import { Random } from '../../src/tensor/index.ts'
import { RnnlmTrainer } from '../../src/train/index.ts'
import { messageOf } from '../support/workers.ts'

const library = fileURLToPath(new URL('../../dist/index.js', import.meta.url))

const endless = `
  const { parentPort } = require('node:worker_threads')
  const { RnnlmTrainer, SGD, SimpleRnnlm, Random } = require(${JSON.stringify(library)})
  const random = new Random(1)
  const corpus = Int32Array.from({ length: 4000 }, () => random.integer(2000))
  const trainer = new RnnlmTrainer(new SimpleRnnlm(2000, 100, 100), new SGD(0.1))
  trainer.fit(corpus.subarray(0, -1), corpus.subarray(1), {
    maxEpoch: 1e6,
    onProgress: ({ iteration }) => { if (iteration === 8) parentPort.postMessage('in the middle') },
  })
`

it('ends safely', async () => {
  const random = new Random(2)
  const corpus = Int32Array.from({ length: 1200 }, () => random.integer(50))
  const model = new SimpleRnnlm(50, 30, 300)
  const losses: number[] = []
  const fit = new RnnlmTrainer(model, new SGD(0.5)).fit(corpus.subarray(0, -1), corpus.subarray(1), {
    maxEpoch: 60,
    batchSize: 10,
    timeSize: 35,
    onProgress: ({ loss }) => void losses.push(loss),
  })
  for (let i = 0; i < 3; i++) {
    const worker = new Worker(endless, { eval: true })
    await messageOf(worker)
    expect(await worker.terminate()).toBe(1)
  }
  await fit
  expect(losses).toHaveLength(180)
  expect(losses.at(-1)).toBeLessThan(losses[0]!)
})

it('ends safely during short steps, which are called from JavaScript', async () => {
  const short = endless
    .replace('2000, 100, 100', '2000, 4, 4')
    .replace('maxEpoch', 'batchSize: 2, timeSize: 2, maxEpoch')
  for (let i = 0; i < 10; i++) {
    const worker = new Worker(short, { eval: true })
    await messageOf(worker)
    expect(await worker.terminate()).toBe(1)
  }
})
