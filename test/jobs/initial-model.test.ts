import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { Vocabulary } from '../../src/data/vocabulary.ts'
import { saveModel } from '../../src/interop/save-model.ts'
import { type GivenSettings, initialSettings, TrainingJob } from '../../src/jobs/index.ts'
import { loadModel } from '../../src/jobs/load-model.ts'
import { LanguageModel } from '../../src/models/index.ts'
import { softmax, Tensor } from '../../src/tensor/index.ts'
import { evalPerplexity } from '../../src/train/index.ts'
import { rnnlm, temporaryFolder } from '../support/command-line.ts'
import { JOB_KINDS, type JobKind, jobResult, jobSettings, tensorBits, writeTexts } from '../support/jobs.ts'

let folder: string
let old: string
let other: string

/** A trained job in `old`, and a text of its words and others. */
async function train(kind: JobKind, others: GivenSettings = {}): Promise<TrainingJob> {
  const settings = jobSettings(kind, folder, { maxEpoch: 3, limit: undefined, ...others } as GivenSettings)
  const job = await TrainingJob.create(settings, { folder: old })
  await job.run()
  return job
}

function firstEpoch({ records }: TrainingJob): number {
  return records.find(({ type }) => type === 'train')!.perplexity as number
}

beforeEach(() => {
  folder = temporaryFolder()
  writeTexts(folder)
  old = join(folder, 'old')
  other = join(folder, 'other.txt')
  const line = (i: number) => `w${i % 20} new${i % 3} w${(3 * i + 1) % 20} new${i % 3}`
  writeFileSync(other, Array.from({ length: 150 }, (_, i) => line(i)).join('\n'))
})

async function startFrom(given: GivenSettings, options: { folder?: string } = {}): Promise<TrainingJob> {
  return TrainingJob.create(initialSettings({ initFrom: old, ...given }), options)
}

/** Probabilities of the word after each of some words. */
function predictions(model: LanguageModel): number[][] {
  model.resetState()
  const xs = Tensor.from(Int32Array.of(0, 1, 2, 3, 4, 5), [1, 6] as [number, number])
  const scores = model.predict(xs)
  const probabilities = softmax(scores.reshape([6, model.vocabSize])).toArray() as number[][]
  model.resetState()
  return probabilities
}

describe.each(JOB_KINDS)('%s', (kind) => {
  it('on the same text, continues with what was learned', async () => {
    const trained = await train(kind)
    const job = await startFrom({})
    const { model, vocabulary, settings } = loadModel(old)
    expect(job.texts.vocabulary.idToWord).toEqual(vocabulary.idToWord)
    const { initFrom, ...same } = job.settings
    expect(initFrom).toBe(old)
    expect(same).toEqual({ ...settings, unit: 'word' })
    const before = await evalPerplexity(model, job.texts.valid!)
    expect(await evalPerplexity(job.model, job.texts.valid!)).toEqual(before)
    await job.run()
    expect(firstEpoch(job)).toBeLessThan(firstEpoch(trained))
  })

  it('on another text, adds its words and keeps what was predicted of the old ones', async () => {
    await train(kind)
    const { model, vocabulary } = loadModel(old)
    const job = await startFrom({ data: other })
    const words = job.texts.vocabulary.idToWord
    expect(words.slice(0, vocabulary.size)).toEqual(vocabulary.idToWord)
    expect(words.slice(vocabulary.size)).toEqual(['new0', 'new1', 'new2'])
    const most = 1 + 3 / vocabulary.size
    const after = predictions(job.model)
    predictions(model).forEach((row, i) => {
      const share = after[i]!.slice(0, vocabulary.size).reduce((total, p) => total + p, 0)
      row.forEach((p, id) => {
        expect(after[i]![id]! / share).toBeCloseTo(p, 5)
        expect(after[i]![id]! * most).toBeGreaterThan(p * 0.9999)
      })
    })
    const start = await evalPerplexity(job.model, job.texts.valid!)
    const result = await job.run()
    expect(result.best!.validation.perplexity).toBeLessThan(start.perplexity)
  })

  it('is resumed when the old job is gone, with the same bits', async () => {
    await train(kind)
    const [whole, cut] = [join(folder, 'whole'), join(folder, 'cut')]
    await (await startFrom({ data: other }, { folder: whole })).run()
    await (await startFrom({ data: other }, { folder: cut })).close()
    renameSync(old, join(folder, 'gone'))
    const controller = new AbortController()
    const first = await TrainingJob.resume(cut)
    await expect(
      first.run({
        signal: controller.signal,
        onProgress: ({ iteration }) => {
          if (iteration === 7) controller.abort(new Error('stopped'))
        },
      }),
    ).rejects.toThrow('stopped')
    await (await TrainingJob.resume(cut)).run()
    expect(jobResult(cut).last).toEqual(jobResult(whole).last)
    expect(jobResult(cut).best).toEqual(jobResult(whole).best)
  })
})

const KIND = 'gru with adam'

describe('settings', () => {
  it('are those of the old job, but for its texts and what is given', async () => {
    await train(KIND)
    const { valid: _, data: __, ...kept } = loadModel(old).settings
    const settings = initialSettings({ initFrom: old, data: other, lr: 0.5, dropout: 0.1 })
    expect(settings).toEqual({ ...kept, unit: 'word', initFrom: old, data: other, lr: 0.5, dropout: 0.1 })
    expect(initialSettings({ initFrom: old, optimizer: 'sgd' })).toMatchObject({ optimizer: 'sgd', lr: 10 })
    const job = await TrainingJob.create(settings)
    expect(job.model.options.dropout).toBe(0.1)
  })

  it.each<[string, unknown, GivenSettings]>([
    ['cell', 'gru', { cell: 'lstm' }],
    ['layers', 1, { layers: 2 }],
    ['hiddenSize', 8, { hiddenSize: 100 }],
    ['wordvecSize', 8, { wordvecSize: 9 }],
    ['tieWeights', false, { tieWeights: true }],
    ['unit', 'word', { unit: 'character' }],
  ])('that differ from the model are refused: %s', async (name, expected, given) => {
    await train(KIND)
    const got = JSON.stringify(Object.values(given)[0])
    expect(() => initialSettings({ initFrom: old, ...given })).toThrow(
      `initFrom: ${name}: expected ${expected}, as in ${join(old, 'best.safetensors')}, got ${got}`,
    )
  })

  it('name a model that cannot be read', () => {
    expect(() => initialSettings({ initFrom: join(folder, 'none') })).toThrow(
      `cannot read ${join(folder, 'none')}: no such file or folder`,
    )
  })
})

describe('a model that saveModel wrote', () => {
  it('can be what a job starts from, with more words', async () => {
    const path = join(folder, 'model.safetensors')
    const vocabulary = new Vocabulary(['w1', '<unk>', 'w2'])
    const model = new LanguageModel({
      cell: 'lstm',
      vocabSize: 3,
      wordvecSize: 6,
      hiddenSize: 6,
      tieWeights: true,
    })
    await saveModel(path, model, vocabulary)
    const job = await TrainingJob.create(
      initialSettings({ initFrom: path, data: other, batchSize: 4, timeSize: 5, maxEpoch: 1 }),
    )
    const words = job.texts.vocabulary.idToWord
    expect(words.slice(0, 3)).toEqual(vocabulary.idToWord)
    expect(new Set(words)).toEqual(
      new Set(['<eos>', '<unk>', 'new0', 'new1', 'new2', ...Array.from({ length: 20 }, (_, i) => `w${i}`)]),
    )
    await job.run()
  })
})

it('rnnlm train --init-from starts a job that the old one is not needed for', async () => {
  await train(KIND)
  const before = tensorBits(join(old, 'best.safetensors'))
  const run = await rnnlm(
    ['train', '--init-from', 'old', '--data', 'other.txt', '--max-epoch', '1', '--out', 'new', '--json'],
    folder,
  )
  expect(run.stderr).toContain(`; from ${old}; in new`)
  expect(run.code).toBe(0)
  expect(JSON.parse(run.stdout).validPerplexity).toBeGreaterThan(1)
  expect(tensorBits(join(old, 'best.safetensors'))).toEqual(before)
  rmSync(old, { recursive: true })
  expect((await rnnlm(['eval', 'new'], folder)).code).toBe(0)
  expect((await rnnlm(['train', '--resume', 'new', '--max-epoch', '2', '--no-plot'], folder)).code).toBe(0)
  const conflict = await rnnlm(['train', '--init-from', 'new', '--hidden-size', '9'], folder)
  expect(conflict.code).toBe(1)
  expect(conflict.stderr).toContain('hiddenSize: expected 8, as in')
  expect((await rnnlm(['train', '--init-from', 'new', '--preset', 'seed'], folder)).code).toBe(2)
})
