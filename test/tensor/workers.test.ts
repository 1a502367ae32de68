/** The addon in several threads at once, and in threads that are ended in the middle of their work. */
import { spawnSync } from 'node:child_process'
import { on } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import bindings from 'bindings'
import { describe, expect, it } from 'vitest'
import { native } from '../../src/native.ts'
import { matmul, Random, Tensor } from '../../src/tensor/index.ts'
import { messageOf } from '../support/workers.ts'

const ADDON: string = bindings({
  bindings: 'rnnlm',
  module_root: fileURLToPath(new URL('../..', import.meta.url)),
  path: true,
} as bindings.Options)

/** So many rows that b is packed into a panel, of which each thread needs its own. */
const [M, N, K] = [150, 50, 40]

/** Multiplies again and again; tells when it has begun, and after `rounds` whether all products were the same. */
const WORKER = `
  const { parentPort, workerData } = require('node:worker_threads')
  const { addon, a, b, expected, m, n, k, rounds } = workerData
  const native = require(addon)
  const out = new Float32Array(m * n)
  let wrong = 0
  for (let round = 0; round < rounds; round++) {
    out.fill(NaN)
    native.matmul(m, n, k, a, 0, k, 1, b, 0, n, 1, out, 0, n, null, 0, false, false)
    if (!out.every((value, i) => value === expected[i])) wrong++
    if (round === 0) parentPort.postMessage('begun')
  }
  parentPort.postMessage({ wrong })
`

interface Product {
  a: Tensor
  b: Tensor
  expected: Float32Array
}

function productOf(seed: number): Product {
  const rng = new Random(seed)
  const [a, b]: [Tensor, Tensor] = [Tensor.randn([M, K], { rng }), Tensor.randn([K, N], { rng })]
  return { a, b, expected: matmul(a, b).data }
}

function isRight({ a, b, expected }: Product): boolean {
  return matmul(a, b).data.every((value, i) => value === expected[i])
}

function startWorker({ a, b, expected }: Product, rounds: number): Worker {
  return new Worker(WORKER, {
    eval: true,
    workerData: {
      addon: ADDON,
      a: a.data.slice(),
      b: b.data.slice(),
      expected: expected.slice(),
      m: M,
      n: N,
      k: K,
      rounds,
    },
  })
}

async function wrongRounds(worker: Worker): Promise<number> {
  for await (const [message] of on(worker, 'message', { close: ['exit'] })) {
    if (message !== 'begun') return (message as { wrong: number }).wrong
  }
  throw new Error('the worker ended without a result')
}

describe('worker threads', () => {
  it('multiply at the same time, each its own matrices', async () => {
    const products = [1, 2, 3, 4].map(productOf)
    const results = products.map((product) => wrongRounds(startWorker(product, 300)))
    const own = productOf(5)
    for (let round = 0; round < 300; round++) expect(isRight(own)).toBe(true)
    expect(await Promise.all(results)).toEqual([0, 0, 0, 0])
  })

  it('can be ended in the middle, and the addon continues in the others', async () => {
    const product = productOf(6)
    for (let repetition = 0; repetition < 3; repetition++) {
      const endless = [1, 2].map(() => startWorker(product, Infinity))
      await Promise.all(endless.map(messageOf))
      const codes = await Promise.all(endless.map((worker) => worker.terminate()))
      expect(codes).toEqual([1, 1])
      expect(isRight(product)).toBe(true)
    }
    expect(await wrongRounds(startWorker(product, 3))).toBe(0)
  })

  it('may be the only ones that load the addon, one after the other', () => {
    const script = `
      const { Worker } = require('node:worker_threads')
      const { once } = require('node:events')
      const addon = ${JSON.stringify(ADDON)}
      const code = 'require("node:worker_threads").parentPort.postMessage(require(' + JSON.stringify(addon) + ').availableIsas().length)'
      const run = async () => {
        for (let i = 0; i < 3; i++) {
          const worker = new Worker(code, { eval: true })
          const [[count]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')])
          console.log(count)
        }
        console.log(require(addon).availableIsas().length)
      }
      run()
    `
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--eval', script], { encoding: 'utf8' })
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: `${native.availableIsas().length}\n`.repeat(4),
      stderr: '',
    })
  })
})
