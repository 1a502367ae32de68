/** Little training jobs of every kind, and what the folder of one holds. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readSafetensors } from '../../src/interop/safetensors.ts'
import { type GivenSettings, type JobSettings, resolveSettings, TrainingJob } from '../../src/jobs/index.ts'
import { readLog } from '../../src/jobs/log-records.ts'
import { Random } from '../../src/tensor/index.ts'

/** What makes jobs differ in what they have to remember. */
const KINDS = {
  rnn: { cell: 'rnn' },
  'lstm, 2 layers, dropout, tied weights': {
    cell: 'lstm',
    layers: 2,
    dropout: 0.3,
    tieWeights: true,
    lr: 2,
    weightDecay: 0.001,
    maxGrad: 0.25,
  },
  'gru with adam': {
    cell: 'gru',
    optimizer: 'adam',
    schedule: 'cosine',
    warmup: 20,
    lr: 0.01,
    maxGrad: 1,
    stateReset: 0.2,
  },
} as const satisfies Record<string, GivenSettings>

export type JobKind = keyof typeof KINDS
export const JOB_KINDS = Object.keys(KINDS) as JobKind[]

/** 25 iterations an epoch. */
const SIZES = { limit: 501, wordvecSize: 8, hiddenSize: 8, batchSize: 4, timeSize: 5 }

/** Settings of a job of this kind on the texts of `writeTexts`, which saves as often as it can. */
export function jobSettings(kind: JobKind, texts: string, others: GivenSettings = {}): JobSettings {
  const data = { data: join(texts, 'train.txt'), valid: join(texts, 'valid.txt') }
  return resolveSettings({ ...data, ...SIZES, saveInterval: 0, ...KINDS[kind], ...others })
}

/** Writes train.txt, valid.txt and test.txt: sentences of a few words, some of which follow from others. */
export function writeTexts(folder: string, words = 500): void {
  const rng = new Random(7)
  for (const [name, size] of Object.entries({ train: words, valid: 120, test: 100 })) {
    let text = ''
    let word = 0
    for (let i = 0; i < size; i++) {
      word = (rng.uniform() < 0.6 ? 3 * word + 1 : rng.integer(20)) % 20
      text += `w${word}${rng.uniform() < 0.15 ? '\n' : ' '}`
    }
    const all = Array.from({ length: 20 }, (_, i) => `w${i}`).join(' ')
    writeFileSync(join(folder, `${name}.txt`), `${all}\n${text}\n`)
  }
}

/** Trains a little model in `folder`/job, and puts the texts beside it. */
export async function trainJob(folder: string, others: GivenSettings = {}): Promise<TrainingJob> {
  writeTexts(folder)
  const settings = jobSettings('gru with adam', folder, { maxEpoch: 2, ...others })
  const job = await TrainingJob.create(settings, { folder: join(folder, 'job') })
  await job.run()
  return job
}

/** The bytes of each tensor of a safetensors file, as digits. */
export function tensorBits(path: string): Record<string, string> {
  const { tensors } = readSafetensors(path)
  return Object.fromEntries(
    Array.from(tensors, ([name, { data }]) => [name, Buffer.from(data.slice().buffer).toString('hex')]),
  )
}

/** All that must be the same in the folders of two jobs that did the same: nothing that a clock measures. */
export function jobResult(folder: string) {
  const { metadata } = readSafetensors(join(folder, 'last.safetensors'))
  const { fit, plateau, epochsFinished, best, rng, optimizerSteps } = JSON.parse(metadata.progress!)
  return {
    last: tensorBits(join(folder, 'last.safetensors')),
    best: tensorBits(join(folder, 'best.safetensors')),
    progress: { ...fit, seconds: undefined, plateau, epochsFinished, best, rng, optimizerSteps },
    log: readLog(join(folder, 'log.jsonl')).map((record) => ({
      ...record,
      seconds: undefined,
      wordsPerSecond: undefined,
    })),
  }
}
