import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DivergenceCheck } from '../../src/jobs/divergence.ts'
import { type GivenSettings, TrainingJob } from '../../src/jobs/index.ts'
import { DivergedError } from '../../src/train/diverged-error.ts'
import { unigramPerplexity } from '../../src/train/index.ts'
import { rnnlm, temporaryFolder } from '../support/command-line.ts'
import { jobSettings, writeTexts } from '../support/jobs.ts'

/** Steps of Adam are as long as its rate, so that the loss is finite whatever happens. */
const HOPELESS: GivenSettings = { lr: 10, schedule: 'constant', warmup: 0, maxEpoch: 3, lrDecay: 1 }

async function newJob(others: GivenSettings, folder?: string) {
  const texts = folder ?? temporaryFolder()
  writeTexts(texts)
  const settings = jobSettings('gru with adam', texts, others)
  return TrainingJob.create(settings, folder === undefined ? {} : { folder: join(folder, 'job') })
}

async function warningsOf(job: TrainingJob) {
  const warnings: string[] = []
  const result = await job.run({ onWarning: (message) => warnings.push(message) })
  return { warnings, result }
}

describe('a loss that is finite but hopeless', () => {
  it('is a warning once a run, and in the result', async () => {
    const { warnings, result } = await warningsOf(await newJob(HOPELESS))
    expect(result.epochs).toBe(3)
    expect(result.diverged).toBe(true)
    expect(warnings).toEqual([
      expect.stringMatching(
        /^the perplexity of epoch 1 is \S+, far above that of word frequencies alone \(\S+\): training has diverged\. Try a lower learning rate than 10\.$/,
      ),
    ])
  })

  it('ends the run with stopWhenDiverged, and nothing is saved of it', async () => {
    const folder = temporaryFolder()
    const job = await newJob({ ...HOPELESS, stopWhenDiverged: true, saveInterval: 60 }, folder)
    const error = await job.run().catch((cause) => cause)
    expect(error).toBeInstanceOf(DivergedError)
    expect(error.message).toMatch(/^the perplexity of epoch 1 is .* training has diverged/)
    expect(error.iteration).toBe(25)
    expect(error.gradientNorm).toBeGreaterThanOrEqual(0)
    expect(existsSync(join(folder, 'job', 'last.safetensors'))).toBe(false)
  })

  it('is said on the command line, which exits with 0, or with 1 if it should stop', async () => {
    const folder = temporaryFolder()
    writeTexts(folder)
    const given = ['train', '--data', join(folder, 'train.txt'), '--cell', 'gru', '--optimizer', 'adam']
    const sizes = [
      '--lr',
      '10',
      '--hidden-size',
      '8',
      '--wordvec-size',
      '8',
      '--batch-size',
      '4',
      '--time-size',
      '5',
      '--max-epoch',
      '1',
      '--no-plot',
    ]
    const run = await rnnlm([...given, ...sizes, '--json'], folder)
    expect(run.code).toBe(0)
    expect(run.stderr).toContain('warning: the perplexity of epoch 1 is')
    expect(JSON.parse(run.stdout).diverged).toBe(true)
    const stopped = await rnnlm([...given, ...sizes, '--stop-when-diverged'], folder)
    expect(stopped.code).toBe(1)
    expect(stopped.stderr).toContain('training has diverged')
  })
})

describe('a loss that is not', () => {
  it.each<[string, GivenSettings]>([
    ['of a model that learns', { maxEpoch: 2 }],
    ['of a model that learns nothing', { maxEpoch: 2, lr: 0 }],
    ['of a model that learns slowly', { maxEpoch: 1, lr: 1e-5 }],
  ])('%s is no warning', async (_, settings) => {
    const { warnings, result } = await warningsOf(await newJob(settings))
    expect(warnings).toEqual([])
    expect(result.diverged).toBe(false)
  })
})

it('the measure is the unigram model, and the size of the vocabulary', async () => {
  const text = Int32Array.from({ length: 1000 }, (_, i) => (i % 10 === 0 ? i % 100 : 0))
  const unigram = unigramPerplexity(text, text, 100).perplexity
  const check = new DivergenceCheck(text, 100)
  expect(unigram).toBeLessThan(3)
  expect(await check.unigramFarBelow(199, undefined)).toBeUndefined()
  expect(await check.unigramFarBelow(201, undefined)).toBe(unigram)
  expect(await check.unigramFarBelow(Number.POSITIVE_INFINITY, undefined)).toBe(unigram)
  const even = Int32Array.from({ length: 1000 }, (_, i) => i % 100)
  expect(await new DivergenceCheck(even, 100).unigramFarBelow(900, undefined)).toBeUndefined()
})
