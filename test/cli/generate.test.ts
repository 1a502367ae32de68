import { join } from 'node:path'
import { expect, it } from 'vitest'
import { generateIds } from '../../src/inference/index.ts'
import { loadModel } from '../../src/jobs/load-model.ts'
import { rnnlm, temporaryFolder } from '../support/command-line.ts'
import { trainJob } from '../support/jobs.ts'
import { rnnlmInSharedProcess } from '../support/shared-process.ts'

it.each(['word', 'character'] as const)('rnnlm generate continues from the prompt (%s)', async (unit) => {
  const folder = temporaryFolder()
  await trainJob(folder, { unit })
  const { model, vocabulary } = loadModel(join(folder, 'job'))
  const options = { prompt: 'w1 w4', tokens: 60, temperature: 0.8, topK: 5, seed: 3 }
  const ids = [...vocabulary.encode(options.prompt)]
  for await (const id of generateIds(model, vocabulary, options)) ids.push(id)
  const text = vocabulary.decode(ids)
  const args = ['--prompt', 'w1 w4', '--tokens', '60', '--temperature', '0.8', '--top-k', '5', '--seed', '3']
  const { code, stdout, stderr } = await rnnlm(['generate', 'job', ...args], folder)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toBe(text.endsWith('\n') ? text : `${text}\n`)
  const json = await rnnlm(['generate', 'job', ...args, '--json'], folder)
  expect(JSON.parse(json.stdout)).toEqual({ prompt: 'w1 w4', seed: 3, text })
})

it.each([
  [['job', '--top-k', '0'], 2, 'Expected a whole number of at least 1.'],
  [['job', '--temperature', '-1'], 2, 'Expected a number of at least 0'],
] as const)('rnnlm generate %j exits with %i and says why', async (args, code, message) => {
  const folder = temporaryFolder()
  await trainJob(folder)
  const outcome = await rnnlmInSharedProcess(['generate', ...args], folder)
  expect(outcome.stderr).toContain(message)
  expect({ code: outcome.code, stdout: outcome.stdout }).toEqual({ code, stdout: '' })
})

it('rnnlm generate takes a prompt of any words, and never draws <unk>', async () => {
  const folder = temporaryFolder()
  await trainJob(folder, { minCount: 30 })
  const { code, stdout } = await rnnlm(
    ['generate', 'job', '--prompt', 'the zebra', '--tokens', '200'],
    folder,
  )
  expect(code).toBe(0)
  expect(stdout).toMatch(/^the zebra[ \n]/)
  expect(stdout).not.toContain('<unk>')
})
