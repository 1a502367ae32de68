import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { loadTexts } from '../../src/data/texts.ts'
import { trainContender } from '../../src/experiments/index.ts'
import { type JobEvents, TrainingJob } from '../../src/jobs/index.ts'
import { temporaryFolder } from '../support/command-line.ts'
import { jobResult, jobSettings, writeTexts } from '../support/jobs.ts'

function begin(folder: string, job = 'job') {
  writeTexts(folder)
  return TrainingJob.create(jobSettings('rnn', folder, { maxEpoch: 3 }), { folder: join(folder, job) })
}

const isLocked = (folder: string) => existsSync(join(folder, 'job', '.lock'))

it.each<[string, (fail: () => unknown) => JobEvents]>([
  ['onProgress', (fail) => ({ onProgress: ({ iteration }) => (iteration === 30 ? fail() : undefined) })],
  ['onEpoch', (fail) => ({ onEpoch: ({ epoch }) => (epoch === 2 ? fail() : undefined) })],
])('run rejects with what %s throws or rejects with, and releases the folder', async (_, eventsOf) => {
  const folder = temporaryFolder()
  const failure = new Error('of the callback')
  const fails: (() => unknown)[] = [
    () => {
      throw failure
    },
    async () => {
      await sleep(1)
      throw failure
    },
  ]
  const path = join(folder, 'job')
  for (const fail of fails) {
    const job = existsSync(path) ? await TrainingJob.resume(path) : await begin(folder)
    await expect(job.run(eventsOf(fail))).rejects.toBe(failure)
    expect(isLocked(folder)).toBe(false)
  }
  await (await TrainingJob.resume(path)).run()
})

it('run awaits its callbacks', async () => {
  const folder = temporaryFolder()
  const job = await begin(folder)
  let busy = 0
  let most = 0
  const work = async () => {
    most = Math.max(most, ++busy)
    await sleep(1)
    busy--
  }
  await job.run({ onProgress: work, onEpoch: work })
  expect([busy, most]).toEqual([0, 1])
})

it('run rejects with what onWarning rejects with', async () => {
  const folder = temporaryFolder()
  const job = await begin(folder)
  mkdirSync(join(folder, 'job', 'last.safetensors'))
  const failure = new Error('of the callback')
  await expect(job.run({ onWarning: () => Promise.reject(failure) })).rejects.toBe(failure)
  expect(isLocked(folder)).toBe(false)
})

it.each<[string, object, string]>([
  ['onEpoch', { onEpoch: 5 }, 'TrainingJob.run: onEpoch: expected a function, got 5'],
  ['signal', { signal: {} }, 'TrainingJob.run: signal: expected an AbortSignal, got Object'],
  ['onEpochs', { onEpochs() {} }, 'TrainingJob.run: unknown option "onEpochs"; did you mean "onEpoch"?'],
])('run refuses a wrong %s, and can be called again', async (_, events, message) => {
  const job = await begin(temporaryFolder())
  await expect(job.run(events)).rejects.toThrow(message)
  await job.run()
})

it('a job runs once', async () => {
  const folder = temporaryFolder()
  const job = await begin(folder)
  const run = job.run()
  await expect(job.run()).rejects.toThrow('TrainingJob.run: the job is already running')
  await run
  const expected = jobResult(join(folder, 'job'))
  const again = 'TrainingJob.run: the job has ended or is closed; continue with TrainingJob.resume'
  await expect(job.run()).rejects.toThrow(again)
  expect(jobResult(join(folder, 'job'))).toEqual(expected)
})

it('a job that never runs is released by close, and can be resumed', async () => {
  const folder = temporaryFolder()
  const job = await begin(folder)
  expect(isLocked(folder)).toBe(true)
  await job.close()
  await job.close()
  expect(isLocked(folder)).toBe(false)
  await expect(job.run()).rejects.toThrow('the job has ended or is closed')
  const resumed = await TrainingJob.resume(join(folder, 'job'))
  await resumed[Symbol.asyncDispose]()
  await (await TrainingJob.resume(join(folder, 'job'))).run()
})

it('close stops a run as its signal does: it saves, and is resumed with the same result', async () => {
  const folder = temporaryFolder()
  const whole = temporaryFolder()
  await (await begin(whole)).run()
  const closed = 'TrainingJob.run: the job was closed'
  const job = await begin(folder)
  let run: Promise<unknown> | undefined
  await new Promise<void>((resolve) => {
    run = expect(job.run({ onProgress: () => resolve() })).rejects.toThrow(closed)
  })
  await job.close()
  expect(isLocked(folder)).toBe(false)
  await run
  const resumed = await TrainingJob.resume(join(folder, 'job'))
  expect(resumed.iterationsBefore).toBeGreaterThan(0)
  const withinCallback = resumed.run({ onEpoch: () => resumed.close() })
  await expect(withinCallback).rejects.toThrow(closed)
  expect(isLocked(folder)).toBe(false)
  await (await TrainingJob.resume(join(folder, 'job'))).run()
  const withoutTexts = ({ log, ...rest }: ReturnType<typeof jobResult>) => ({
    ...rest,
    log: log.filter(({ type }) => type !== 'start'),
  })
  expect(withoutTexts(jobResult(join(folder, 'job')))).toEqual(withoutTexts(jobResult(join(whole, 'job'))))
})

it('a job without a folder runs once, and is closed too', async () => {
  const folder = temporaryFolder()
  writeTexts(folder)
  const job = await TrainingJob.create(jobSettings('rnn', folder, { maxEpoch: 1 }))
  await job.close()
  await expect(job.run()).rejects.toThrow('begin another with TrainingJob.create')
})

it('trainContender awaits its callbacks', async () => {
  const texts = await loadTexts({ data: 'builtin', limit: 2000 })
  const failure = new Error('of the callback')
  for (const name of ['onProgress', 'onEpoch']) {
    const options = { maxEpoch: 1, seed: 0, window: 2, [name]: () => Promise.reject(failure) }
    await expect(trainContender('nplm', texts, options)).rejects.toBe(failure)
  }
})
