import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { TrainingJob } from '../../src/jobs/index.ts'
import { loadModel } from '../../src/jobs/load-model.ts'
import { evalPerplexity } from '../../src/train/index.ts'
import { temporaryFolder } from '../support/command-line.ts'
import { JOB_KINDS, jobSettings, writeTexts } from '../support/jobs.ts'

it.each(JOB_KINDS)(
  'loads what a job trained (%s): the best checkpoint, the last, or the one named',
  async (kind) => {
    const folder = temporaryFolder()
    writeTexts(folder)
    const path = join(folder, 'job')
    const settings = jobSettings(kind, folder, { maxEpoch: 2, lr: 0 })
    const job = await TrainingJob.create(settings, { folder: path })
    const { best } = await job.run()
    const [bestFile, lastFile] = [join(path, 'best.safetensors'), join(path, 'last.safetensors')]
    expect(loadModel(path).path).toBe(bestFile)
    expect(loadModel(lastFile).path).toBe(lastFile)
    rmSync(bestFile)
    const { model, vocabulary, settings: found, path: file } = loadModel(path)
    expect(file).toBe(lastFile)
    expect(found).toEqual(settings)
    expect(vocabulary.idToWord).toEqual(job.texts.vocabulary.idToWord)
    expect(model.training).toBe(false)
    expect(model.saveState().every((state) => state === null)).toBe(true)
    expect(await evalPerplexity(model, job.texts.valid!)).toEqual(best!.validation)
  },
)

it('says why a path cannot be used', () => {
  const folder = temporaryFolder()
  expect(() => loadModel(join(folder, 'none'))).toThrow(
    `cannot read ${join(folder, 'none')}: no such file or folder`,
  )
  expect(() => loadModel(folder)).toThrow(
    `cannot use ${folder}: it contains neither best.safetensors nor last.safetensors`,
  )
  writeFileSync(join(folder, 'notes.txt'), 'not a model at all, but some text\n')
  expect(() => loadModel(join(folder, 'notes.txt'))).toThrow('it is cut off or no safetensors file')
  mkdirSync(join(folder, 'best.safetensors'))
  expect(() => loadModel(folder)).toThrow(
    `cannot use ${folder}: ${join(folder, 'best.safetensors')} is a folder, not a regular file; delete it`,
  )
  expect(() => loadModel(3 as never)).toThrow('loadModel: path: expected the path of a file or folder, got 3')
})
