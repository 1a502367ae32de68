/** Any number of threads gives the same bits. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { generateCorpus } from '../../src/data/builtin/corpus.ts'
import { SimpleRnnlm } from '../../src/models/index.ts'
import { AdaGrad, AdamW, Nesterov, SGD } from '../../src/optim/index.ts'
import {
  add,
  countTargets,
  crossEntropy,
  crossEntropyWithGradient,
  kernels,
  matmul,
  norm,
  Scalar,
  setThreads,
  softmax,
  sum,
  Tensor,
  tanh,
} from '../../src/tensor/index.ts'
import { RnnlmTrainer } from '../../src/train/index.ts'
import { describeEachIsa } from '../support/instruction-sets.ts'
import { randomTensor } from '../support/random-tensor.ts'
import { bytesOf, expectSameBits, withThreadCounts } from '../support/thread-counts.ts'

const before = kernels().threads
afterAll(() => setThreads(before))

describeEachIsa('any number of threads gives the same bits', () => {
  it.each([
    [300, 200, 130],
    [17, 1000, 90],
    [500, 40, 1500],
    [33, 31, 2100],
  ])('matmul [%i, %i], %i products each', (m, n, k) => {
    const a = randomTensor([m, k], 1)
    const b = randomTensor([k, n], 2)
    const bT = randomTensor([n, k], 3)
    const bias = randomTensor([n], 4)
    expectSameBits(() => [matmul(a, b, { bias, activation: 'tanh' })])
    expectSameBits(() => [matmul(a, bT, { transB: true })])
    expectSameBits(() => [matmul(a, b, { out: Tensor.full([m, n], 0.5), accumulate: true })])
  })

  it('elementwise operations, rows and columns', () => {
    const a = randomTensor([70, 3000], 5)
    const b = randomTensor([3000], 6)
    expectSameBits(() => [add(a, b)])
    expectSameBits(() => [tanh(a.reshape([-1]))])
    expectSameBits(() => [softmax(a)])
    expectSameBits(() => [sum(a, 0)])
    expectSameBits(() => [sum(a, 1)])
  })

  it('sums and norms', () => {
    const a = randomTensor([600_001], 7)
    expect(new Set(withThreadCounts(() => sum(a))).size).toBe(1)
    expect(new Set(withThreadCounts(() => norm(a))).size).toBe(1)
  })

  it.each([Nesterov, AdaGrad, AdamW])('updates by %o', (Optimizer) => {
    const grad = randomTensor([600, 501], 9)
    expectSameBits(() => {
      const param = randomTensor([600, 501], 10)
      const optimizer = new Optimizer()
      for (let step = 0; step < 2; step++) optimizer.update([param], [grad])
      return [param]
    })
  })

  // The gradient of the larger goes past the caches.
  it.each([2003, 20_003])('softmax, cross-entropy and its gradient, of %i columns', (V) => {
    const scores = randomTensor([61, V], 8)
    const targets = Tensor.from(Int32Array.from({ length: 61 }, (_, i) => (i * 937) % V))
    expectSameBits(() => [softmax(scores)])
    const ofRows = new Float64Array(61)
    const result = { sum: new Scalar(), counted: new Scalar() }
    const losses = withThreadCounts(() => {
      countTargets('test', targets, V, -1, result)
      crossEntropy('test', scores, targets, -1, ofRows, result)
      return result.sum.value
    })
    const out = Tensor.zeros([61, V])
    expectSameBits(() => {
      countTargets('test', targets, V, -1, result)
      crossEntropyWithGradient('test', scores, targets, -1, ofRows, result, out)
      losses.push(result.sum.value)
      return [out]
    })
    expect(new Set(losses).size).toBe(1)
  })
})

describe('threads', () => {
  it('training gives the same weights', async () => {
    const { corpus, idToWord } = generateCorpus({ words: 1500, seed: 3 })
    const weights: Tensor[][] = []
    for (const count of [1, 2, 5]) {
      setThreads(count)
      const model = new SimpleRnnlm(idToWord.length, 100, 100)
      await new RnnlmTrainer(model, new SGD(0.1)).fit(corpus.slice(0, -1), corpus.slice(1), {
        maxEpoch: 2,
        batchSize: 10,
        timeSize: 5,
        maxGrad: 0.5,
      })
      weights.push(model.params)
    }
    for (const other of weights.slice(1)) {
      other.forEach((tensor, i) => {
        expect(bytesOf(tensor).equals(bytesOf(weights[0]![i]!))).toBe(true)
      })
    }
  })

  it('kernels() tells how many; setThreads refuses what is no count', () => {
    setThreads(3)
    expect(kernels().threads).toBe(3)
    expect(() => setThreads(0)).toThrow('setThreads: count: expected an integer in 1…1024, got 0')
    expect(() => setThreads(1.5)).toThrow(RangeError)
    expect(kernels().threads).toBe(3)
  })

  it('RNNLM_THREADS sets the count of a process', () => {
    const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
    const run = (threads: string) =>
      execFileSync(process.execPath, [main, 'info', '--json'], {
        env: { ...process.env, RNNLM_THREADS: threads },
        stdio: 'pipe',
      }).toString()
    expect(JSON.parse(run('5'))).toMatchObject({ threads: 5 })
    expect(() => run('none')).toThrow('RNNLM_THREADS: expected an integer of at least 1')
  })
})
