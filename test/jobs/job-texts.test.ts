/** Jobs whose texts come from where they cannot be read again. */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSafetensors, writeSafetensors } from '../../src/interop/safetensors.ts'
import { type GivenSettings, TrainingJob } from '../../src/jobs/index.ts'
import { Tensor } from '../../src/tensor/index.ts'
import { temporaryFolder } from '../support/command-line.ts'
import { jobResult, jobSettings, writeTexts } from '../support/jobs.ts'

const TEXTS = 'texts.safetensors'

/** A named pipe through which the text comes once. */
function pipeOf(text: string): string {
  const pipe = `${text}.pipe`
  if (!existsSync(pipe)) execFileSync('mkfifo', [pipe])
  spawn('sh', ['-c', 'cat "$0" > "$1"', text, pipe])
  return pipe
}

const NAMES = { data: 'train.txt', valid: 'valid.txt', test: 'test.txt' }
type Part = keyof typeof NAMES

function filesIn(folder: string): Record<Part, string> {
  const paths = Object.entries(NAMES).map(([part, name]) => [part, join(folder, name)])
  return Object.fromEntries(paths)
}

function folderWithTexts(): string {
  const folder = temporaryFolder()
  writeTexts(folder)
  return folder
}

/** What a job on the files themselves comes to. */
async function expectedResult(folder: string, others: GivenSettings = {}) {
  const settings = jobSettings('rnn', folder, { ...filesIn(folder), maxEpoch: 3, ...others })
  await (await TrainingJob.create(settings, { folder: join(folder, 'plain') })).run()
  expect(readdirSync(join(folder, 'plain'))).not.toContain(TEXTS)
  return withoutPaths(join(folder, 'plain'))
}

function withoutPaths(folder: string) {
  const { log, ...result } = jobResult(folder)
  return { ...result, log: log.map((record) => ({ ...record, data: '', valid: '', test: '' })) }
}

async function begin(folder: string, piped: Part[], others: GivenSettings = {}): Promise<TrainingJob> {
  const files = filesIn(folder)
  const pipes = Object.fromEntries(piped.map((part) => [part, pipeOf(files[part])]))
  const settings = jobSettings('rnn', folder, { ...files, ...pipes, maxEpoch: 3, ...others })
  return TrainingJob.create(settings, { folder: join(folder, 'job') })
}

async function stopAt(iteration: number, job: TrainingJob): Promise<void> {
  const controller = new AbortController()
  const run = job.run({
    signal: controller.signal,
    onProgress: (progress) => {
      if (progress.iteration === iteration) controller.abort(new Error('stopped here'))
    },
  })
  await expect(run).rejects.toThrow('stopped here')
}

describe.skipIf(process.platform === 'win32')('a job whose texts come through pipes', () => {
  it.each<Part[][]>([[['data']], [['valid']], [['test']], [['data', 'valid', 'test']]])(
    'is resumed without them, stopped or killed at once: %j',
    async (piped) => {
      const folder = folderWithTexts()
      const expected = await expectedResult(folder)
      const job = await begin(folder, piped)
      expect(existsSync(join(folder, 'job', TEXTS))).toBe(true)
      await job.close()
      for (const part of piped) rmSync(`${filesIn(folder)[part]}.pipe`)
      await stopAt(30, await TrainingJob.resume(join(folder, 'job')))
      const resumed = await TrainingJob.resume(join(folder, 'job'))
      expect(resumed.iterationsBefore).toBe(30)
      await resumed.run()
      expect(withoutPaths(join(folder, 'job'))).toEqual(expected)
    },
  )

  it('keeps the part that was held out, and what the stories know of themselves', async () => {
    const folder = folderWithTexts()
    const job = await begin(folder, ['data'], { valid: undefined, split: 0.1, limit: undefined })
    const { split, valid } = job.texts
    expect(split).toBe(0.1)
    await job.close()
    const resumed = await TrainingJob.resume(join(folder, 'job'))
    expect(resumed.texts).toMatchObject({ split, valid })
    await resumed.close()

    writeFileSync(join(folder, 'story.txt'), 'mary came into the room\n')
    const test = pipeOf(join(folder, 'story.txt'))
    const settings = jobSettings('rnn', folder, { data: 'builtin', valid: undefined, test, limit: 5000 })
    const stories = await TrainingJob.create(settings, { folder: join(folder, 'stories') })
    await stories.close()
    const again = await TrainingJob.resume(join(folder, 'stories'))
    expect(again.texts).toEqual(stories.texts)
    expect(again.texts.floor).toBeGreaterThan(1)
    await again.close()
  })

  it.each([0, 30])(
    'takes new paths of the same tokens, and of no others, after %i iterations',
    async (stop) => {
      const folder = folderWithTexts()
      const { data, valid } = filesIn(folder)
      const job = await begin(folder, ['data', 'valid'])
      await (stop > 0 ? stopAt(stop, job) : job.close())
      for (const wrong of [{ data: valid }, { valid: data }, { test: data }]) {
        const resuming = TrainingJob.resume(join(folder, 'job'), wrong)
        await expect(resuming).rejects.toThrow('differ from those that the job was started with')
      }
      for (const right of [{ data }, { valid }, { data, valid }, { data: pipeOf(data) }])
        await (await TrainingJob.resume(join(folder, 'job'), right)).close()
      rmSync(data)
      await (await TrainingJob.resume(join(folder, 'job'))).run()
    },
  )

  it('stores them when it is resumed through a pipe, too', async () => {
    const folder = folderWithTexts()
    const { data } = filesIn(folder)
    await stopAt(30, await begin(folder, []))
    expect(existsSync(join(folder, 'job', TEXTS))).toBe(false)
    await (await TrainingJob.resume(join(folder, 'job'), { data: pipeOf(data) })).close()
    rmSync(`${data}.pipe`)
    await (await TrainingJob.resume(join(folder, 'job'))).run()
  })

  it('leaves nothing where it cannot begin', async () => {
    const folder = folderWithTexts()
    await expect(begin(folder, ['data'], { timeSize: 1000 })).rejects.toThrow('xs: expected')
    expect(readdirSync(join(folder, 'job'))).toEqual([])
  })

  it('refuses stored texts that are damaged or of something else', async () => {
    const folder = folderWithTexts()
    await (await begin(folder, ['data'])).close()
    const path = join(folder, 'job', TEXTS)
    const { tensors, metadata } = readSafetensors(path)
    const vocabSize = JSON.parse(metadata.vocabulary!).words.length
    const expectRefused = async (message: string) =>
      expect(TrainingJob.resume(join(folder, 'job'))).rejects.toThrow(`cannot read ${path}: ${message}`)
    const train = (ids: Int32Array) => new Map(tensors).set('train', Tensor.from(ids))
    const cases: [tensors: typeof tensors, changes: Record<string, string>, message: string][] = [
      [tensors, { format: 'rnnlm' }, 'it is a safetensors file but does not contain the texts of a job'],
      [tensors, { version: '2' }, 'it was written by a newer rnnlm'],
      [tensors, { vocabulary: '{}' }, 'Vocabulary.fromJSON: words: expected an array'],
      [tensors, { notes: '{"split": 2}' }, 'notes: split: expected a finite number in 0…1, got 2'],
      [new Map(), {}, 'texts: the tensor "train" is missing'],
      [
        new Map(tensors).set('more', Tensor.from(Int32Array.of(1))),
        {},
        'texts: tensors: expected train, valid',
      ],
      [
        new Map(tensors).set('train', Tensor.zeros([9])),
        {},
        'tensor "train": dtype: expected I32, got "F32"',
      ],
      [
        new Map(tensors).set('train', Tensor.zeros([3, 3], 'int32')),
        {},
        'tensor "train": shape: expected one axis',
      ],
      [train(new Int32Array(0)), {}, 'tensor "train": size: expected an integer of at least 1, got 0'],
      [train(Int32Array.of(0, -1)), {}, `texts: train[1]: expected an integer in 0…${vocabSize - 1}, got -1`],
      [train(Int32Array.of(vocabSize)), {}, 'texts: train[0]: expected'],
    ]
    for (const [changed, changes, message] of cases) {
      writeSafetensors(path, changed, { ...metadata, ...changes })
      await expectRefused(message)
    }
    writeSafetensors(path, tensors, metadata)
    const bytes = readFileSync(path)
    bytes[bytes.length - 1]! ^= 1
    writeFileSync(path, bytes)
    await expectRefused('it is damaged: its checksum is')
  })
})
