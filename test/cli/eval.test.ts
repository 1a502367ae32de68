import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadModel } from '../../src/jobs/load-model.ts'
import { evalPerplexity } from '../../src/train/index.ts'
import { rnnlm, temporaryFolder } from '../support/command-line.ts'
import { trainJob } from '../support/jobs.ts'
import { rnnlmInSharedProcess } from '../support/shared-process.ts'

describe('rnnlm eval', () => {
  it('measures the text of the job: its test part, or the one that is asked for', async () => {
    const folder = temporaryFolder()
    const { texts } = await trainJob(folder, { test: join(folder, 'test.txt') })
    const { model } = loadModel(join(folder, 'job'))
    for (const split of ['test', 'valid', 'train'] as const) {
      const args = split === 'test' ? [] : ['--split', split]
      const { code, stdout, stderr } = await rnnlm(['eval', 'job', '--json', ...args], folder)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      const expected = await evalPerplexity(model, texts[split]!)
      expect(JSON.parse(stdout)).toEqual({
        data: join(folder, 'train.txt'),
        split,
        textTokens: texts[split]!.length,
        ...expected,
        unknown: 0,
      })
    }
  })

  it('rounds the weights on request', async () => {
    const folder = temporaryFolder()
    const { texts } = await trainJob(folder)
    const { model } = loadModel(join(folder, 'job'))
    const perplexity = async (...args: string[]): Promise<number> => {
      const { stdout } = await rnnlm(['eval', 'job', '--json', '--split', 'train', ...args], folder)
      return JSON.parse(stdout).perplexity
    }
    const exact = await perplexity()
    expect(await perplexity('--weights', 'float32')).toBeCloseTo(exact, 3)
    const rounded = await perplexity('--weights', 'int8')
    expect(rounded).toBe((await evalPerplexity(model.freeze({ weights: 'int8' }), texts.train)).perplexity)
    expect(rounded).not.toBe(exact)
    expect(Math.abs(rounded / exact - 1)).toBeLessThan(0.02)
  })

  it('says how many tokens it scored, and why not all', async () => {
    const folder = temporaryFolder()
    await trainJob(folder)
    writeFileSync(join(folder, 'other.txt'), 'w1 w4 w13 w0\nw1 w4\n'.repeat(50))
    const args = ['eval', 'job/last.safetensors', '--data', 'other.txt']
    const { stdout } = await rnnlm(args, folder)
    expect(stdout).toMatch(
      /^text {11}other.txt\nperplexity {5}[\d.]+\ncross-entropy {2}\d\.\d{4} nats per word\nscored {9}399 of 400 words: the first is not scored\n$/,
    )
    const blocks = ['--batch-size', '3', '--time-size', '50', '--tail', 'drop']
    expect((await rnnlm([...args, ...blocks], folder)).stdout).toContain(
      'scored         300 of 400 words: the first is not scored, and 99 do not fill a block\n',
    )
  })

  it('scores words that the model does not know as <unk>, and counts them', async () => {
    const folder = temporaryFolder()
    await trainJob(folder)
    writeFileSync(join(folder, 'zebra.txt'), 'zebra w2\nw3 zebra w1 gnu\n')
    const args = ['eval', 'job', '--data', 'zebra.txt']
    const { stdout } = await rnnlm(args, folder)
    expect(stdout).toMatch(
      /\nscored {9}7 of 8 words: .*\nunknown {8}2 of them \(28\.6 %\), scored as <unk>\n$/,
    )
    expect(JSON.parse((await rnnlm([...args, '--json'], folder)).stdout)).toMatchObject({
      tokens: 7,
      unknown: 2,
    })
  })

  it('gives bits per character for characters', async () => {
    const folder = temporaryFolder()
    await trainJob(folder, { unit: 'character' })
    const { stdout } = await rnnlm(['eval', 'job', '--json'], folder)
    const { crossEntropy, bitsPerCharacter } = JSON.parse(stdout)
    expect(bitsPerCharacter).toBeCloseTo(crossEntropy / Math.log(2), 12)
    expect((await rnnlm(['eval', 'job'], folder)).stdout).toMatch(/\nbits {11}\d\.\d{4} per character\n/)
  })

  it.each([
    [['none'], 1, 'rnnlm: cannot read none: no such file or folder'],
    [['job', '--split', 'test'], 1, 'has no part test, but valid and train'],
    [
      ['job', '--data', 'train.txt', '--split', 'test'],
      2,
      '--split requires "ptb", "builtin" or the text of the job; other files are read whole',
    ],
    [['job', '--batch-size', '0'], 2, 'Expected a whole number of at least 1'],
  ] as const)('eval %j exits with %i and says why', async (args, code, message) => {
    const folder = temporaryFolder()
    await trainJob(folder)
    const outcome = await rnnlmInSharedProcess(['eval', ...args], folder)
    expect(outcome.stderr).toContain(message)
    expect({ code: outcome.code, stdout: outcome.stdout }).toEqual({ code, stdout: '' })
  })
})
