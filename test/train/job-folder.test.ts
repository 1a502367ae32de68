import { existsSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { TrainingJob } from '../../src/train/index.ts'
import { temporaryFolder } from '../support/command-line.ts'
import { jobSettings, trainJob, writeTexts } from '../support/jobs.ts'

const FILES = ['config.json', 'last.safetensors', 'best.safetensors', 'log.jsonl', 'perplexity.svg']

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
