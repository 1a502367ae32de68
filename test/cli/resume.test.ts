/** Jobs as processes that are killed, told to stop, or run out of disk. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { readCheckpoint } from '../../src/interop/checkpoint.ts'
import type { GivenSettings } from '../../src/jobs/index.ts'
import { Random } from '../../src/tensor/index.ts'
import type { FitState } from '../../src/train/index.ts'
import {
  type Outcome,
  rnnlm,
  type Started,
  type StartOptions,
  startRnnlm,
  temporaryFolder,
} from '../support/command-line.ts'
import { JOB_KINDS, type JobKind, jobResult, jobSettings, writeTexts } from '../support/jobs.ts'

/** A folder with texts, and job.json with the settings of a job that takes some seconds. */
function folderWithJob(kind: JobKind = 'rnn', others: GivenSettings = {}): string {
  const folder = temporaryFolder()
  writeTexts(folder, 10_000)
  const settings = jobSettings(kind, folder, { limit: 10_000, maxEpoch: 6, ...others })
  writeFileSync(join(folder, 'job.json'), JSON.stringify(settings))
  return folder
}

const BEGIN = ['train', '--config', 'job.json', '--out', 'job', '--no-plot', '--json']
const RESUME = ['train', '--resume', 'job', '--no-plot', '--json']

function threads(count: number): StartOptions {
  return { env: { RNNLM_THREADS: String(count) } }
}

async function run(args: readonly string[], folder: string, options?: StartOptions) {
  const outcome = await startRnnlm(args, folder, options).outcome
  expect(outcome).toMatchObject({ code: 0 })
  return outcome
}

/** Resolves when the job has saved since, or has ended. */
async function untilSaved(folder: string, { child, outcome }: Started): Promise<void> {
  const last = join(folder, 'job', 'last.safetensors')
  const inode = () => statSync(last, { throwIfNoEntry: false })?.ino
  const before = inode()
  const hasEnded = outcome.then(() => true)
  while (inode() === before && child.exitCode === null) await Promise.race([hasEnded, sleep(2)])
}

const checkpointOf = (folder: string) =>
  readCheckpoint<{ fit: FitState }>(join(folder, 'job', 'last.safetensors'))

describe('a job that is killed at any moment, and continues until it is done,', () => {
  /** Steps that are long enough for several threads, and for a thread of their own. */
  const longSteps = { wordvecSize: 64, hiddenSize: 64, batchSize: 20, timeSize: 20, maxEpoch: 3 }
  it.each<[JobKind, GivenSettings]>([
    ...JOB_KINDS.map((kind): [JobKind, GivenSettings] => [kind, {}]),
    ['lstm, 2 layers, dropout, tied weights', longSteps],
  ])('has the same weights as one that was not (%s, %j)', async (kind, others) => {
    const folder = folderWithJob(kind, others)
    await run(BEGIN, folder, threads(1))
    const expected = jobResult(join(folder, 'job'))
    rmSync(join(folder, 'job'), { recursive: true })

    const rng = new Random(JOB_KINDS.indexOf(kind))
    const places = new Set<string | undefined>()
    const placeIn = ({ stderr }: Outcome) => /continues after iteration ([\d,]+)/.exec(stderr)?.[1]
    for (let kills = 0; kills < 4; kills++) {
      const hasBegun = existsSync(join(folder, 'job', 'config.json'))
      const job = startRnnlm(hasBegun ? RESUME : BEGIN, folder, threads(1 + (kills % 2)))
      const isEarly = kills % 3 === 1
      if (!isEarly) await untilSaved(folder, job)
      await sleep((isEarly ? 300 : 60) * rng.uniform())
      job.child.kill('SIGKILL')
      places.add(placeIn(await job.outcome))
    }
    places.add(placeIn(await run(RESUME, folder, threads(2))))
    places.delete(undefined)
    expect(places.size).toBeGreaterThan(1)
    expect(jobResult(join(folder, 'job'))).toEqual(expected)
    expect(readdirSync(join(folder, 'job')).sort()).toEqual([
      'best.safetensors',
      'config.json',
      'last.safetensors',
      'log.jsonl',
    ])
  })
})

describe('a job that is told to stop', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s saves, says how to continue, and exits with %i', async (signal, code) => {
    const folder = folderWithJob('rnn', { maxEpoch: 1000, saveInterval: 60 })
    const job = startRnnlm(BEGIN, folder)
    await job.prints('stderr')
    job.child.kill(signal)
    const { stderr, ...rest } = await job.outcome
    expect(rest).toEqual({ code, stdout: '' })
    expect(stderr).toContain(`rnnlm: stopped by ${signal}; saved; continue with "rnnlm train --resume job"\n`)
    const { iteration } = checkpointOf(folder).progress.fit
    const again = startRnnlm(RESUME, folder)
    await again.prints('stderr')
    again.child.kill(signal)
    expect((await again.outcome).stderr).toContain(
      `continues after iteration ${iteration.toLocaleString('en')}\n`,
    )
  })

  it('twice by SIGINT ends at once, and its last checkpoint is whole', async () => {
    const folder = folderWithJob('rnn', { maxEpoch: 1000, wordvecSize: 400, hiddenSize: 400, timeSize: 200 })
    const job = startRnnlm(BEGIN, folder)
    await untilSaved(folder, job)
    job.child.kill('SIGINT')
    await sleep(1)
    job.child.kill('SIGINT')
    await job.outcome
    expect([job.child.signalCode, job.child.exitCode]).toContainEqual(
      job.child.signalCode === null ? 130 : 'SIGINT',
    )
    expect(checkpointOf(folder).progress.fit.iteration).toBeGreaterThan(0)
  })
})

describe('one folder', () => {
  it('has one job at a time, and one job at all', async () => {
    const folder = folderWithJob('rnn', { maxEpoch: 1000 })
    const job = startRnnlm(BEGIN, folder)
    await job.prints('stderr')
    for (const args of [RESUME, BEGIN]) {
      const { code, stderr } = await rnnlm(args, folder)
      expect(stderr).toBe(`rnnlm: cannot lock job: process ${job.child.pid} works there, as job/.lock says\n`)
      expect(code).toBe(1)
    }
    job.child.kill('SIGINT')
    expect((await job.outcome).code).toBe(130)
    const { code, stderr } = await rnnlm(BEGIN, folder)
    expect(stderr).toBe(
      'rnnlm: job already contains a job; continue it with "rnnlm train --resume job" or choose another folder\n',
    )
    expect(code).toBe(1)
  })

  it('that cannot be made or written is named', async () => {
    const folder = folderWithJob()
    writeFileSync(join(folder, 'file'), '')
    const refused = async (out: string, reason: string) => {
      const { code, stderr } = await rnnlm(['train', '--config', 'job.json', '--out', out], folder)
      expect({ code, stderr }).toEqual({ code: 1, stderr: `rnnlm: cannot lock ${out}: ${reason}\n` })
    }
    await refused('file', 'file is not a folder')
    await refused('file/job', 'file is not a folder')
    if (process.getuid?.() === 0) return
    mkdirSync(join(folder, 'locked'), { mode: 0o500 })
    await refused('locked', 'permission denied')
  })
})

it.skipIf(process.platform === 'win32')(
  'a job that runs out of disk continues, warns, and leaves the checkpoint that is there',
  async () => {
    const folder = folderWithJob('rnn', { maxEpoch: 1000 })
    const job = startRnnlm(BEGIN, folder)
    await untilSaved(folder, job)
    job.child.kill('SIGINT')
    await job.outcome
    const names = ['last.safetensors', 'config.json']
    const files = () => names.map((name) => readFileSync(join(folder, 'job', name), 'latin1'))
    const before = files()
    const full = startRnnlm(RESUME, folder, { limits: '-f 1' })
    const warning = 'cannot write job/(last|best).safetensors: the file is too large; training continues\n'
    await full.prints('stderr', new RegExp(`(${warning}.*){3}`, 's'))
    full.child.kill('SIGINT')
    const { code } = await full.outcome
    expect(code).toBe(1)
    expect(files()).toEqual(before)
    expect(readdirSync(join(folder, 'job')).filter((name) => name.startsWith('.'))).toEqual([])
    const again = startRnnlm(RESUME, folder)
    await untilSaved(folder, again)
    again.child.kill('SIGINT')
    expect((await again.outcome).code).toBe(130)
  },
)

it('a job that diverges says where, and which checkpoint was good', async () => {
  const folder = folderWithJob('rnn', { maxEpoch: 1000, saveInterval: 60 })
  const job = startRnnlm(BEGIN, folder)
  await untilSaved(folder, job)
  job.child.kill('SIGINT')
  await job.outcome
  const { iteration } = checkpointOf(folder).progress.fit
  const config = join(folder, 'job', 'config.json')
  writeFileSync(config, readFileSync(config, 'utf8').replace(/"lr": [\d.]+/, '"lr": 1e30'))
  const { code, stderr } = await rnnlm(RESUME, folder)
  expect(stderr).toMatch(
    /rnnlm: fit: the loss is \S+ at iteration \d+ \(epoch \d+\), the last norm of the gradients \S+: training has diverged\./,
  )
  expect(stderr).toContain(
    `The last good checkpoint is job/last.safetensors, of iteration ${iteration}: continue from it with "rnnlm train --resume job --lr`,
  )
  expect(code).toBe(1)
  expect(checkpointOf(folder).progress.fit.iteration).toBe(iteration)
})
