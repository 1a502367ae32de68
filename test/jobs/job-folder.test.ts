import { execFileSync, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { loadModel, TrainingJob } from '../../src/jobs/index.ts'
import { temporaryFolder } from '../support/command-line.ts'
import { jobSettings, trainJob, writeTexts } from '../support/jobs.ts'
import { rnnlmInSharedProcess } from '../support/shared-process.ts'

const original = JSON.stringify as (...values: unknown[]) => string

const FILES = [
  'config.json',
  'last.safetensors',
  'best.safetensors',
  'log.jsonl',
  'perplexity.svg',
  'texts.safetensors',
]

describe('a job folder with a link', () => {
  async function makeJob(): Promise<string> {
    const folder = temporaryFolder()
    await trainJob(folder)
    return join(folder, 'job')
  }

  const refusal = (folder: string, name: string) =>
    `cannot use ${folder}: ${join(folder, name)} is a link, which a job does not follow; delete it`

  it.each(FILES)('is not resumed, and its target is left alone: %s', async (name) => {
    const folder = await makeJob()
    const target = join(temporaryFolder(), 'target')
    if (existsSync(join(folder, name))) renameSync(join(folder, name), target)
    else writeFileSync(target, 'precious')
    const before = readFileSync(target)
    symlinkSync(target, join(folder, name))
    await expect(TrainingJob.resume(folder, { maxEpoch: 3 })).rejects.toThrow(refusal(folder, name))
    expect(readFileSync(target)).toEqual(before)
    expect(existsSync(join(folder, '.lock'))).toBe(false)
  })

  it.each(FILES)('is not begun, even if the link dangles: %s', async (name) => {
    const texts = temporaryFolder()
    writeTexts(texts)
    const folder = temporaryFolder()
    const target = join(texts, 'target')
    symlinkSync(target, join(folder, name))
    await expect(TrainingJob.create(jobSettings('rnn', texts), { folder })).rejects.toThrow(
      refusal(folder, name),
    )
    expect(existsSync(target)).toBe(false)
  })

  it('may itself be a link: that is the wish of the caller', async () => {
    const folder = temporaryFolder()
    symlinkSync(await makeJob(), join(folder, 'link'))
    const job = await TrainingJob.resume(join(folder, 'link'), { maxEpoch: 3 })
    await job.close()
  })
})

describe.skipIf(process.platform === 'win32')('a job folder with something else than a file', () => {
  const KINDS: [kind: string, make: (path: string) => void][] = [
    ['a named pipe', (path) => execFileSync('mkfifo', [path])],
    ['a folder', (path) => mkdirSync(path)],
    ['a socket', makeSocket],
  ]

  /** Makes a socket that stays when its server is gone. */
  function makeSocket(path: string): void {
    const script =
      'require("net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))'
    spawnSync(process.execPath, ['-e', script, path])
  }

  it.each([...FILES, '.lock'])('is neither used nor begun: %s', async (name) => {
    const texts = temporaryFolder()
    await trainJob(texts)
    for (const [kind, make] of KINDS) {
      const fault = (path: string) => `${join(path, name)} is ${kind}, not a regular file; delete it`
      const path = join(texts, kind.replaceAll(' ', '-'))
      cpSync(join(texts, 'job'), path, { recursive: true })
      rmSync(join(path, name), { force: true })
      make(join(path, name))
      const action = name === '.lock' ? 'lock' : 'use'
      await expect(TrainingJob.resume(path, { maxEpoch: 3 })).rejects.toThrow(
        `cannot ${action} ${path}: ${fault(path)}`,
      )
      const before = readdirSync(path)
      for (const command of ['eval', 'generate', 'score', 'plot']) {
        const { code, stderr } = await rnnlmInSharedProcess([command, path], texts)
        expect({ code, stderr }).toEqual({ code: 1, stderr: `rnnlm: cannot use ${path}: ${fault(path)}\n` })
      }
      const empty = temporaryFolder()
      make(join(empty, name))
      await expect(TrainingJob.create(jobSettings('rnn', texts), { folder: empty })).rejects.toThrow(
        `cannot ${action} ${empty}: ${fault(empty)}`,
      )
      expect(readdirSync(empty)).toEqual([name])
      expect(readdirSync(path)).toEqual(before)
    }
  })

  it('is used by readers through links to files, but not to devices', async () => {
    const texts = temporaryFolder()
    await trainJob(texts)
    const best = join(texts, 'job', 'best.safetensors')
    renameSync(best, join(texts, 'elsewhere'))
    symlinkSync(join(texts, 'elsewhere'), best)
    const { settings } = loadModel(join(texts, 'job'))
    expect(settings.cell).toBe('gru')
    rmSync(best)
    symlinkSync('/dev/zero', best)
    expect(() => loadModel(join(texts, 'job'))).toThrow(`${best} is a device, not a regular file; delete it`)
  })
})

describe('a job whose folder', () => {
  it('is deleted during the run ends with that reason, and does not make it again', async () => {
    const texts = temporaryFolder()
    writeTexts(texts)
    const folder = join(temporaryFolder(), 'job')
    const job = await TrainingJob.create(jobSettings('rnn', texts, { maxEpoch: 3, saveInterval: 1000 }), {
      folder,
    })
    const run = job.run({
      onEpoch: () => rmSync(folder, { recursive: true, force: true }),
      onWarning: () => {},
    })
    await expect(run).rejects.toThrow(
      `cannot use ${folder}: the folder is gone, or another process has taken it over`,
    )
    expect(existsSync(folder)).toBe(false)
  })

  it('is taken over while it runs ends with an error, and the next one warns', async () => {
    const texts = temporaryFolder()
    writeTexts(texts)
    const folder = join(temporaryFolder(), 'job')
    const first = await TrainingJob.create(jobSettings('rnn', texts, { maxEpoch: 2 }), { folder })
    await first.close()
    const held = await TrainingJob.resume(folder)
    const next = await TrainingJob.resume(folder, {}, { takeOver: true })
    await expect(held.run()).rejects.toThrow('another process has taken it over')
    const warnings: string[] = []
    await next.run({ onWarning: (message) => warnings.push(message) })
    expect(warnings).toEqual([expect.stringContaining(`process ${process.pid} still worked in ${folder}`)])
  })

  it('could not get its first log line can be begun again', async () => {
    const texts = temporaryFolder()
    writeTexts(texts)
    const folder = join(temporaryFolder(), 'job')
    const settings = jobSettings('rnn', texts, { maxEpoch: 1 })
    const stringify = vi.spyOn(JSON, 'stringify').mockImplementation((value, ...others) => {
      if ((value as { type?: string } | null)?.type === 'start') throw new Error('no space left on the disk')
      return original(value, ...others)
    })
    await expect(TrainingJob.create(settings, { folder })).rejects.toThrow('no space left on the disk')
    stringify.mockRestore()
    expect(readdirSync(folder)).toEqual([])
    await (await TrainingJob.create(settings, { folder })).run()
    expect(readdirSync(folder)).toContain('last.safetensors')
  })
})
