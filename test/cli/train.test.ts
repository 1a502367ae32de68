import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readLog } from '../../src/jobs/log-records.ts'
import { rnnlm, temporaryFolder } from '../support/command-line.ts'
import { rnnlmInSharedProcess } from '../support/shared-process.ts'

const SMALL = ['train', '--limit', '2000', '--max-epoch', '2', '--wordvec-size', '8', '--hidden-size', '8']

it('trains on the built-in stories: a line an epoch, the perplexities, a chart and a picture', async () => {
  const folder = temporaryFolder()
  const { code, stdout, stderr } = await rnnlm(SMALL, folder)
  expect(code).toBe(0)
  expect(stderr).toMatch(/epoch 1\/2 .*perplexity .*held-out .*words\/s/)
  expect(stderr).toMatch(/epoch 2\/2 /)
  expect(stderr).not.toContain('\r')
  expect(stdout).toMatch(/^perplexity [\d.]+ after 2 epochs/)
  expect(stdout).toMatch(/held-out {3}[\d.]+ \(9,999 tokens\), after epoch 2\nfloor {6}[\d.]+ /)
  expect(stdout).toContain('┤')
  expect(readFileSync(join(folder, 'perplexity.svg'), 'utf8')).toMatch(/^<svg[\s\S]*floor[\s\S]*<\/svg>\s*$/)
})

it('the same seed gives the same result, another seed another', async () => {
  const folder = temporaryFolder()
  const run = async (seed: string) =>
    JSON.parse((await rnnlm([...SMALL, '--no-plot', '--json', '--seed', seed], folder)).stdout)
  const [first, again, other] = [await run('1'), await run('1'), await run('2')]
  expect(again.perplexity).toBe(first.perplexity)
  expect(other.perplexity).not.toBe(first.perplexity)
  expect(first).toMatchObject({ epochs: 2, floor: expect.any(Number), validPerplexity: expect.any(Number) })
  expect(readdirSync(folder)).toEqual([])
})

it('trains on a text file and logs the course as JSON lines', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'text.txt'), 'the cat sat on the mat\nthe dog sat on the cat\n'.repeat(40))
  const { code } = await rnnlm(
    [
      'train',
      '--data',
      'text.txt',
      '--max-epoch',
      '3',
      '--lr',
      '0.5',
      '--max-grad',
      '5',
      '--log',
      'run.jsonl',
      '--no-plot',
    ],
    folder,
  )
  expect(code).toBe(0)
  const records = readLog(join(folder, 'run.jsonl'))
  expect(records[0]).toMatchObject({
    type: 'start',
    data: 'text.txt',
    vocabSize: 8,
    words: 532,
    lr: 0.5,
    maxGrad: 5,
  })
  expect(records.filter(({ type }) => type === 'train')).toHaveLength(3)
  expect(records.at(-1)).toMatchObject({ type: 'end' })
})

it('draws one picture of several logs', async () => {
  const folder = temporaryFolder()
  await rnnlm([...SMALL, '--no-plot', '--log', 'a.jsonl'], folder)
  await rnnlm([...SMALL, '--no-plot', '--log', 'b.jsonl', '--seed', '3'], folder)
  const { code, stderr } = await rnnlm(
    [
      'plot',
      'a.jsonl',
      'b.jsonl',
      '--out',
      'both.svg',
      '--log-axis',
      '--by',
      'iteration',
      '--title',
      'two seeds',
    ],
    folder,
  )
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'wrote both.svg\n' })
  const picture = readFileSync(join(folder, 'both.svg'), 'utf8')
  for (const text of ['a training', 'b held-out', 'two seeds', 'iteration']) expect(picture).toContain(text)
  expect((await rnnlm(['plot', 'a.jsonl', '--out', 'a.png'], folder)).code).toBe(0)
  expect(readFileSync(join(folder, 'a.png')).subarray(1, 4).toString()).toBe('PNG')
})

it('SIGINT stops after the iteration at hand, shows what there is and exits with 130', async () => {
  const folder = temporaryFolder()
  let isSent = false
  const { code, stdout, stderr } = await rnnlm(['train', '--limit', '5000'], folder, (text, kill) => {
    if (isSent || !/epoch +2\/100/.test(text)) return
    isSent = true
    kill('SIGINT')
  })
  expect(code).toBe(130)
  expect(stderr).toContain('stopped by SIGINT')
  expect(stdout).toMatch(/^perplexity [\d.]+ after \d+ epochs/)
  expect(existsSync(join(folder, 'perplexity.svg'))).toBe(true)
})

it.each([
  [['train', '--batch-size', 'many'], 2, 'Expected an integer of at least 1'],
  [['train', '--plot', 'curve.gif'], 2, 'ends in .svg or .png'],
  [['train', '--no-such-option'], 2, 'unknown option'],
  [['frobnicate'], 2, 'unknown command'],
  [['plot'], 2, 'missing required argument'],
  [['train', '--data', 'missing.txt'], 1, 'cannot read missing.txt: no such file or folder'],
  [
    ['train', '--limit', '30'],
    1,
    'xs: expected at least batchSize × timeSize = 10 × 5 = 50 token ids (a longer text, or a smaller batchSize or timeSize), got 29',
  ],
  [['train', '--limit', '2000', '--lr', '1e38'], 1, 'training has diverged'],
  [['train', '--limit', '100', '--log', '/dev/null/run.jsonl'], 1, 'cannot write /dev/null/run.jsonl'],
  [['plot', 'missing.jsonl'], 1, 'cannot read missing.jsonl'],
] as const)('rnnlm %j exits with %i and says why', async (args, code, message) => {
  const outcome = await rnnlmInSharedProcess(args, temporaryFolder())
  expect(outcome.stderr).toContain(message)
  expect(outcome.code).toBe(code)
  expect(outcome.stderr).not.toMatch(/\n +at /)
})

describe('a picture that cannot be drawn', () => {
  it('is a warning: the result and the exit code stay', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'file'), '')
    const args = ['train', '--preset', 'seed', '--limit', '2000', '--max-epoch', '1', '--plot', 'file/x.svg']
    const { code, stdout, stderr } = await rnnlm(args, folder)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^perplexity /)
    expect(stderr).toContain('rnnlm: warning: no plot: cannot write file/x.svg: file is not a folder\n')
  })
})
