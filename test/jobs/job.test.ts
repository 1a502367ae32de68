import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSafetensors, writeSafetensors } from '../../src/interop/safetensors.ts'
import { type GivenSettings, type JobEvents, TrainingJob } from '../../src/jobs/index.ts'
import { readLog } from '../../src/jobs/log-records.ts'
import { kernels, setFloat32MatmulPrecision } from '../../src/tensor/index.ts'
import { temporaryFolder } from '../support/command-line.ts'
import { JOB_KINDS, jobResult, jobSettings, writeTexts } from '../support/jobs.ts'
import { precisionOn } from '../support/precisions.ts'

/** A folder with texts; jobs live beside them. */
function folderWithTexts(words?: number): string {
  const folder = temporaryFolder()
  writeTexts(folder, words)
  return folder
}

async function begin(folder: string, kind: (typeof JOB_KINDS)[number] = 'rnn', others: GivenSettings = {}) {
  return TrainingJob.create(jobSettings(kind, folder, { maxEpoch: 3, ...others }), {
    folder: join(folder, 'job'),
  })
}

/** Stops the job once `isDue` says so after an iteration. */
async function runUntil(job: TrainingJob, isDue: (iteration: number) => boolean, events: JobEvents = {}) {
  const controller = new AbortController()
  const stop = new Error('stopped here')
  const run = job.run({
    ...events,
    signal: controller.signal,
    onProgress: ({ iteration }) => {
      if (isDue(iteration)) controller.abort(stop)
    },
  })
  await expect(run).rejects.toBe(stop)
}

async function resume(path: string) {
  const job = await TrainingJob.resume(path)
  return { job, result: await job.run() }
}

describe.each(JOB_KINDS)('a job (%s) ends with the same bits', (kind) => {
  it('wherever it was stopped, however often', async () => {
    const folder = folderWithTexts()
    await (await begin(folder, kind)).run()
    const expected = jobResult(join(folder, 'job'))
    expect(expected.log.map(({ type }) => type)).toEqual([
      'start',
      ...Array.from({ length: 3 }, () => ['train', 'valid']).flat(),
      'end',
    ])
    rmSync(join(folder, 'job'), { recursive: true })
    let job = await begin(folder, kind)
    const stops = [1, 2, 12, 24, 25, 26, 50, 52, 75]
    for (const stop of stops) {
      await runUntil(job, (iteration) => iteration === stop)
      job = await TrainingJob.resume(join(folder, 'job'))
      expect(job.iterationsBefore).toBe(stop)
    }
    await job.run()
    expect(jobResult(join(folder, 'job'))).toEqual(expected)
  })

  it('whatever its folder holds when it is killed', async () => {
    const folder = folderWithTexts(6000)
    const path = join(folder, 'job')
    const copies: string[] = []
    let seen = ''
    /** Copies the folder when it holds another checkpoint, in the order in which checkpoints are read. */
    const copy = () => {
      const names = ['config.json', 'last.safetensors', 'best.safetensors', 'log.jsonl']
      const there = names.filter((name) => existsSync(join(path, name)))
      const inodes = there.map((name) => statSync(join(path, name)).ino).join()
      if (inodes === seen) return
      seen = inodes
      const copied = join(folder, `copy-${copies.length}`)
      mkdirSync(copied)
      for (const name of there) copyFileSync(join(path, name), join(copied, name))
      copies.push(copied)
    }
    const job = await begin(folder, kind, { limit: 6001 })
    await job.run({ onProgress: copy, onEpoch: copy })
    const expected = jobResult(path)
    const places = new Set<number>()
    for (const copied of copies) {
      const { job } = await resume(copied)
      places.add(job.iterationsBefore)
      expect(jobResult(copied)).toEqual(expected)
    }
    expect(places.size).toBeGreaterThan(1)
  })
})

it('a job with an epochSize ends with the same bits, too', async () => {
  const folder = folderWithTexts()
  const others = { epochSize: 170, maxEpoch: 5 }
  await (await begin(folder, 'rnn', others)).run()
  const expected = jobResult(join(folder, 'job'))
  const ends = expected.log.flatMap((record) => (record.type === 'valid' ? [record.iteration] : []))
  expect(ends).toEqual([8, 16, 24, 32, 40])
  rmSync(join(folder, 'job'), { recursive: true })
  let job = await begin(folder, 'rnn', others)
  for (const stop of [7, 8, 9, 30]) {
    await runUntil(job, (iteration) => iteration === stop)
    job = await TrainingJob.resume(join(folder, 'job'))
  }
  await job.run()
  expect(jobResult(join(folder, 'job'))).toEqual(expected)
})

it('a job that was stopped while it was measured continues with measuring', async () => {
  const folder = folderWithTexts()
  await (await begin(folder)).run()
  const expected = jobResult(join(folder, 'job'))
  rmSync(join(folder, 'job'), { recursive: true })
  const job = await begin(folder)
  const controller = new AbortController()
  const run = job.run({
    signal: controller.signal,
    onProgress: ({ iteration, isEndOfEpoch }) => {
      if (isEndOfEpoch && iteration > 25) controller.abort(new Error('in the middle'))
    },
  })
  await expect(run).rejects.toThrow('in the middle')
  expect(readLog(join(folder, 'job', 'log.jsonl')).filter(({ type }) => type === 'valid')).toHaveLength(1)
  await resume(join(folder, 'job'))
  expect(jobResult(join(folder, 'job'))).toEqual(expected)
})

it('a job keeps its vocabulary, by whatever rule it was made', async () => {
  const folder = folderWithTexts()
  const job = await begin(folder, 'rnn', { minCount: 30 })
  const { words } = job.texts.vocabulary.toJSON()
  await runUntil(job, (iteration) => iteration === 30)
  const config = join(folder, 'job', 'config.json')
  const { minCount: _, ...settings } = JSON.parse(readFileSync(config, 'utf8'))
  writeFileSync(config, JSON.stringify(settings))
  const { job: resumed } = await resume(join(folder, 'job'))
  expect(resumed.texts.vocabulary.idToWord).toEqual(words)
})

it('a job that has ended says so again, and changes nothing', async () => {
  const folder = folderWithTexts()
  const test = join(folder, 'test.txt')
  const first = await (await begin(folder, 'rnn', { test })).run()
  const expected = jobResult(join(folder, 'job'))
  const { result, job } = await resume(join(folder, 'job'))
  expect({ ...result, seconds: 0, wordsPerSecond: 0 }).toEqual({ ...first, seconds: 0, wordsPerSecond: 0 })
  expect(jobResult(join(folder, 'job'))).toEqual(expected)
  expect(job.records.at(-1)).toMatchObject({ type: 'end', testPerplexity: first.test!.perplexity })
})

it('a job continues in its own precision', async () => {
  const folder = folderWithTexts()
  const settings: GivenSettings = { wordvecSize: 40, hiddenSize: 40, precision: 'medium' }
  await (await begin(folder, 'rnn', settings)).run()
  const expected = jobResult(join(folder, 'job'))
  rmSync(join(folder, 'job'), { recursive: true })
  await runUntil(await begin(folder, 'rnn', settings), (iteration) => iteration === 30)
  setFloat32MatmulPrecision('highest')
  const job = await TrainingJob.resume(join(folder, 'job'))
  const seen = new Set<string>()
  await job.run({ onProgress: () => void seen.add(kernels().precision) })
  expect([...seen]).toEqual([precisionOn(kernels().isa, 'medium')])
  expect(kernels().precision).toBe('highest')
  expect(jobResult(join(folder, 'job'))).toEqual(expected)
})

it('a job has a precision of its own where it is given none', async () => {
  const folder = folderWithTexts()
  setFloat32MatmulPrecision('medium')
  const { precision } = kernels()
  const job = await begin(folder)
  expect(job.settings.precision).toBe('highest')
  await job.run({ onProgress: () => expect(kernels().precision).toBe('highest') })
  expect(kernels().precision).toBe(precision)
  setFloat32MatmulPrecision('highest')
})

it('a job with patience stops early, and stays so', async () => {
  const folder = folderWithTexts()
  const job = await begin(folder, 'rnn', { lr: 0, patience: 2, maxEpoch: 50 })
  const { epochs, best } = await job.run()
  expect({ epochs, best: best!.epoch }).toEqual({ epochs: 3, best: 1 })
  const { result } = await resume(join(folder, 'job'))
  expect(result).toMatchObject({ epochs: 3, best: { epoch: 1 } })
})

it('a job that continues within its first epoch has finished none', async () => {
  const folder = folderWithTexts()
  await runUntil(await begin(folder), (iteration) => iteration === 3)
  const job = await TrainingJob.resume(join(folder, 'job'))
  await runUntil(job, (iteration) => iteration === 5)
  expect(job.lastEpoch).toBeUndefined()
})

it('a job without a folder writes nothing', async () => {
  const folder = folderWithTexts()
  const job = await TrainingJob.create(jobSettings('rnn', folder, { maxEpoch: 1 }))
  const { epochs } = await job.run()
  expect({ epochs, folder: job.folder }).toEqual({ epochs: 1, folder: undefined })
  expect(job.records.map(({ type }) => type)).toEqual(['start', 'train', 'valid', 'end'])
})

/** A job that was stopped in its second epoch. */
async function stoppedJob() {
  const folder = folderWithTexts()
  const job = await begin(folder)
  await runUntil(job, (iteration) => iteration === 40)
  return { folder, path: join(folder, 'job') }
}

describe('a resume is refused, and the files stay as they are:', () => {
  /** All files by name; the lock must be gone. */
  function filesIn(path: string) {
    return Object.fromEntries(
      ['config.json', 'last.safetensors', 'best.safetensors', 'log.jsonl', '.lock'].map((name) => {
        const file = join(path, name)
        return [name, existsSync(file) ? readFileSync(file, 'latin1') : undefined]
      }),
    )
  }

  async function expectRefused(path: string, message: string | RegExp) {
    const before = filesIn(path)
    await expect(TrainingJob.resume(path)).rejects.toThrow(message)
    expect(filesIn(path)).toEqual(before)
  }

  it('a checkpoint with one wrong byte, cut off, empty, or of something else', async () => {
    const { path } = await stoppedJob()
    const last = join(path, 'last.safetensors')
    const good = readFileSync(last)
    const damaged = Buffer.from(good)
    damaged[good.length - 100]! ^= 4
    const cases: [content: Buffer, message: string][] = [
      [damaged, 'it is damaged: its checksum is'],
      [good.subarray(0, -100), 'it is cut off'],
      [good.subarray(0, 50), 'it is cut off'],
      [Buffer.alloc(0), 'it is no safetensors file: it has 0 bytes'],
      [Buffer.from('the weights were here once\n'), 'it is cut off or no safetensors file'],
    ]
    for (const [content, message] of cases) {
      writeFileSync(last, content)
      await expectRefused(path, `cannot read ${last}: ${message}`)
    }
    writeFileSync(last, good)
    await resume(path)
  })

  it('a checkpoint of another program, of a later version, or of another model', async () => {
    const { path } = await stoppedJob()
    const last = join(path, 'last.safetensors')
    const { tensors, metadata } = readSafetensors(last)
    writeSafetensors(last, tensors, { format: 'pt' })
    await expectRefused(path, `cannot read ${last}: it is a safetensors file, but no checkpoint of rnnlm`)
    writeSafetensors(last, tensors, { ...metadata, version: '2' })
    await expectRefused(
      path,
      `cannot read ${last}: it was written by a newer rnnlm (version 2, expected 1); update rnnlm`,
    )
    const missing = new Map(tensors)
    missing.delete('recurrent.0.Wh')
    writeSafetensors(last, missing, metadata)
    await expectRefused(path, 'expected a float32 tensor recurrent.0.Wh, got none')
    const config = JSON.parse(metadata.config!)
    config.model.cell = 'lstm'
    writeSafetensors(last, tensors, { ...metadata, config: JSON.stringify(config) })
    await expectRefused(path, last)
  })

  it('settings that are damaged, or that are not those of the checkpoint', async () => {
    const { path } = await stoppedJob()
    const config = join(path, 'config.json')
    const settings = JSON.parse(readFileSync(config, 'utf8'))
    writeFileSync(config, '{"cell": "rnn"')
    await expectRefused(
      path,
      `cannot read ${config}: line 1, column 15: expected "}", got the end of the file`,
    )
    writeFileSync(config, '{}')
    await expectRefused(path, 'expected 8, as in the checkpoint')
    writeFileSync(config, JSON.stringify({ ...settings, hiddenSize: 9 }))
    await expectRefused(path, 'hiddenSize')
  })

  it.each([
    ['train.txt', 'w1 w2 w3\n'],
    ['valid.txt', 'w1 w2 w3\n'],
  ])('a text that was changed meanwhile: %s', async (name, added) => {
    const { folder, path } = await stoppedJob()
    const text = join(folder, name)
    const before = readFileSync(text, 'utf8')
    writeFileSync(text, added + before)
    await expectRefused(path, 'differ from those that the job was started with')
    writeFileSync(text, before)
    await resume(path)
  })

  it('a text that has moved, until its new path is given', async () => {
    const { folder, path } = await stoppedJob()
    const moved = { data: join(folder, 'moved.txt'), valid: join(folder, 'moved-valid.txt') }
    renameSync(join(folder, 'train.txt'), moved.data)
    renameSync(join(folder, 'valid.txt'), moved.valid)
    await expectRefused(path, 'cannot read')
    await expect(TrainingJob.resume(path, { ...moved, data: moved.valid })).rejects.toThrow(
      'differ from those that the job was started with',
    )
    await expectRefused(path, 'cannot read')
    const job = await TrainingJob.resume(path, moved)
    await job.close()
    await resume(path)
  })

  it('a text in which one word became another everywhere', async () => {
    const { folder, path } = await stoppedJob()
    for (const name of ['train.txt', 'valid.txt']) {
      const text = join(folder, name)
      writeFileSync(text, readFileSync(text, 'utf8').replaceAll('w7', 'seven'))
    }
    await expectRefused(path, 'differ from those that the job was started with')
  })

  it('an end before what is done, and changes of a job that cannot continue', async () => {
    const { folder, path } = await stoppedJob()
    await expect(TrainingJob.resume(path, { maxEpoch: 0 })).rejects.toThrow(RangeError)
    const finished = await TrainingJob.resume(path)
    await finished.run()
    const before = filesIn(path)
    await expect(TrainingJob.resume(path, { maxEpoch: 2 })).rejects.toThrow(
      'resume: maxEpoch: expected at least 3, the number of finished epochs, got 2',
    )
    writeFileSync(join(folder, 'train.txt'), 'another text\n')
    await expect(TrainingJob.resume(path, { lr: 5 })).rejects.toThrow(Error)
    expect(filesIn(path)).toEqual(before)
  })

  it('a folder without a job', async () => {
    const path = temporaryFolder()
    await expectRefused(path, `cannot resume ${path}: it is not a job folder: it contains no config.json`)
  })

  it('the best weights are gone', async () => {
    const { path } = await stoppedJob()
    const best = join(path, 'best.safetensors')
    rmSync(best)
    await expectRefused(path, `cannot read ${best}: no such file or folder`)
  })
})

describe('a new job', () => {
  it('is refused in a folder that has one', async () => {
    const { folder, path } = await stoppedJob()
    const before = jobResult(path)
    await expect(begin(folder)).rejects.toThrow(
      `${path} already contains a job; continue it with "rnnlm train --resume ${path}" or choose another folder`,
    )
    expect(jobResult(path)).toEqual(before)
    await resume(path)
  })

  it.each(['last.safetensors', 'best.safetensors', 'log.jsonl', 'texts.safetensors'])(
    'is refused in a folder that has a %s already',
    async (name) => {
      const folder = folderWithTexts()
      mkdirSync(join(folder, 'job'))
      writeFileSync(join(folder, 'job', name), 'of somebody else')
      await expect(begin(folder)).rejects.toThrow(`job contains another ${name}; choose another folder`)
      expect(readFileSync(join(folder, 'job', name), 'utf8')).toBe('of somebody else')
      rmSync(join(folder, 'job', name))
      await (await begin(folder)).run()
    },
  )

  it('refuses options that it does not know, and a second log', async () => {
    const folder = folderWithTexts()
    const settings = jobSettings('rnn', folder)
    await expect(TrainingJob.create(settings, { out: folder } as never)).rejects.toThrow(
      'TrainingJob.create: unknown option "out"; known options: folder, log, signal',
    )
    const both = { folder: join(folder, 'job'), log: join(folder, 'log.jsonl') }
    await expect(TrainingJob.create(settings, both)).rejects.toThrow(
      'nothing, since the folder contains the log',
    )
  })

  it.each(['patience', 'lrPatience'] as const)('with %s needs a validation text', async (name) => {
    const folder = folderWithTexts()
    const settings = { ...jobSettings('rnn', folder, { [name]: 2 }), valid: undefined }
    await expect(TrainingJob.create(settings as never)).rejects.toThrow(
      `settings: ${name}: expected a validation text (valid or split), got 2`,
    )
  })

  it.each<[string, GivenSettings]>([
    ['xs: expected at least batchSize × timeSize', { timeSize: 1000 }],
    ['tieWeights', { tieWeights: true, hiddenSize: 9 }],
    ['cannot read', { data: '/no/such/text' }],
    ['weightDecay: expected the optimizer sgd or adamw with it', { optimizer: 'adam', weightDecay: 0.1 }],
  ])('that cannot begin leaves the folder to the next try: %s', async (message, others) => {
    const folder = folderWithTexts()
    const failing = begin(folder, 'rnn', others).then((job) => job.run())
    await expect(failing).rejects.toThrow(message === 'tieWeights' ? 'as wordvecSize' : message)
    await (await begin(folder)).run()
  })
})

describe('a checkpoint that cannot be written', () => {
  it('is a warning; the one before stays, and the next one has everything', async () => {
    const folder = folderWithTexts()
    const path = join(folder, 'job')
    /** The first epoch is the best one. */
    const settings = { maxEpoch: 6, lr: 0 }
    await (await begin(folder, 'rnn', settings)).run()
    const expected = jobResult(path)
    rmSync(path, { recursive: true })
    const [best, last] = [join(path, 'best.safetensors'), join(path, 'last.safetensors')]
    const warnings: string[] = []
    const job = await begin(folder, 'rnn', settings)
    mkdirSync(best)
    await job.run({
      onWarning: (message) => {
        if (warnings.push(message) > 1) return
        if (existsSync(last)) expect(readSafetensors(last).metadata.progress).toContain('"best":null')
        rmSync(best, { recursive: true })
      },
    })
    expect(warnings).toEqual([`cannot write ${best}: it is a folder; training continues`])
    expect(jobResult(path)).toEqual(expected)
  })

  it('at the end is a failure', async () => {
    const folder = folderWithTexts()
    const last = join(folder, 'job', 'last.safetensors')
    const job = await begin(folder)
    mkdirSync(last)
    const warnings: string[] = []
    const run = job.run({ onWarning: (message) => warnings.push(message) })
    await expect(run).rejects.toThrow(`cannot write ${last}: it is a folder`)
    expect(warnings.length).toBeGreaterThan(0)
  })
})

it('a job continues with another learning rate, which begins undivided, and for more epochs', async () => {
  const folder = folderWithTexts()
  const path = join(folder, 'job')
  await (await begin(folder, 'rnn', { lr: 1e-9, lrDecay: 4 })).run()
  const job = await TrainingJob.resume(path, { lr: 0.5, maxEpoch: 5 })
  const { epochs } = await job.run()
  expect(epochs).toBe(5)
  expect(JSON.parse(readFileSync(join(path, 'config.json'), 'utf8'))).toMatchObject({ lr: 0.5, maxEpoch: 5 })
  const rates = readLog(join(path, 'log.jsonl')).flatMap((record) =>
    record.type === 'train' ? record.lr : [],
  )
  expect(rates).toHaveLength(5)
  expect(rates[3]).toBe(0.5)
})

it('a job whose log is gone begins another', async () => {
  const folder = folderWithTexts()
  const path = join(folder, 'job')
  await runUntil(await begin(folder), (iteration) => iteration === 30)
  rmSync(join(path, 'log.jsonl'))
  await resume(path)
  expect(readLog(join(path, 'log.jsonl')).map(({ type }) => type)).toEqual([
    ...['start', 'train', 'valid', 'train', 'valid', 'end'],
  ])
})
