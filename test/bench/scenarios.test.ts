/** The scenarios themselves: what they hand to contestants, and what our contestants do with it. */
import { expect, it } from 'vitest'
import { machine } from '../../bench/harness/machine.ts'
import type { Introduction } from '../../bench/harness/protocol.ts'
import { makeRecord } from '../../bench/harness/record.ts'
import { workPerIteration } from '../../bench/harness/training.ts'
import { timeTraining } from '../../bench/ours/fit.ts'
import { makeProduct } from '../../bench/ours/product.ts'
import { scenarios } from '../../bench/scenarios/index.ts'
import { product } from '../../bench/scenarios/matmul.ts'
import { rnnSettings } from '../../bench/scenarios/rnn.ts'
import { scaling } from '../../bench/scenarios/scaling.ts'
import * as rnnlm from '../../src/index.ts'
import { renderSvg } from '../../src/report/svg.ts'
import * as tensors from '../../src/tensor/index.ts'

const names = (items: readonly { name: string }[]) => items.map(({ name }) => name)

it('have names of their own, and so have their cases and contestants', () => {
  for (const list of [scenarios, ...scenarios.flatMap(({ cases, contestants }) => [cases, contestants])]) {
    expect(list).not.toHaveLength(0)
    expect(new Set(names(list)).size).toBe(list.length)
  }
})

it.each([
  ['NN', false],
  ['NT', false],
  ['TN', false],
  ['NT', true],
] as const)('a product %s is found exact once it is computed, packed %s', (form, isPacked) => {
  const { multiply, relativeError } = makeProduct(tensors, product(5, 7, 3, form), isPacked)
  expect(relativeError()).toBeCloseTo(1)
  multiply()
  expect(relativeError()).toBeLessThan(1e-6)
})

it('training is timed without its first epoch', async () => {
  const settings = { ...rnnSettings, vocabSize: 7, wordvecSize: 3, hiddenSize: 3, batchSize: 2, timeSize: 2 }
  const corpus = Array.from({ length: 9 }, (_, i) => (i * i) % 7)
  const { millisecondsPerIteration } = await timeTraining(rnnlm, settings, corpus, 2)
  expect(millisecondsPerIteration).toBeGreaterThan(0)
})

it('work is six operations for each weight and word', () => {
  expect(workPerIteration(rnnSettings)).toBeCloseTo((6 * 700 * (100 * 100 + 100 * 100 + 100 * 10_000)) / 1e9)
})

it('contestants in bfloat16, ours and peers, take part only if the machine has fast units for it', async () => {
  rnnlm.setFloat32MatmulPrecision('medium')
  const hasUnits = rnnlm.kernels().precision === 'medium'
  rnnlm.setFloat32MatmulPrecision('highest')
  const contestants = scenarios.flatMap((scenario) => scenario.contestants)
  const inBfloat16 = contestants.filter(({ name }) => /bfloat16|medium/.test(name))
  expect(new Set(names(inBfloat16))).toEqual(
    new Set(['rnnlm medium', 'rnnlm medium packed', 'torch bfloat16']),
  )
  for (const { find } of inBfloat16) {
    const missing = expect.stringMatching(/no fast bfloat16 units: products are highest on .*, not medium/)
    if (!hasUnits) expect(await find()).toEqual({ missing })
    else expect(await find()).not.toEqual({ missing })
  }
})

it('scaling draws a curve for each size and number of threads, and the rooflines', () => {
  const introduction: Introduction = { threads: 1, check: 1, details: {} }
  const rounds = scaling.cases.map((_, index) => [{ millisecondsPerIteration: 10 + index }])
  const standings = [1, 2].map((threads) => ({ ...introduction, name: `on ${threads}`, threads, rounds }))
  const record = makeRecord(scaling, { rounds: 1, roundMilliseconds: 1 }, machine('scalar'), {
    standings,
    skipped: [],
    failed: [],
  })
  const { series, options } = scaling.plot!(record)
  expect(names(series)).toEqual([
    ...['V', 'H', 'N', 'T'].map((size) => `${size}, 1 thread`),
    ...['V', 'H', 'N', 'T'].map((size) => `${size}, 2 threads`),
    'roofline, 1 thread',
    'roofline, 2 threads',
  ])
  expect(renderSvg(series, options)).toContain('GFLOP a step')
})
