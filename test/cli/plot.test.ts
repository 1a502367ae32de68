import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { rnnlm, temporaryFolder } from '../support/command-line.ts'

const start = { type: 'start', floor: 5 }
const records = [1, 2].flatMap((epoch) => [
  { type: 'train', epoch, iteration: 10 * epoch, perplexity: 20 / epoch, wordsPerSecond: 1, seconds: epoch },
  { type: 'valid', epoch, iteration: 10 * epoch, perplexity: 24 / epoch },
])

function writeLog(path: string, lines: object[] = [start, ...records]): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
}

async function plot(folder: string, ...logs: string[]): Promise<string[]> {
  const { code, stderr } = await rnnlm(['plot', ...logs, '--out', 'picture.svg'], folder)
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'wrote picture.svg\n' })
  const picture = readFileSync(join(folder, 'picture.svg'), 'utf8')
  return [...picture.matchAll(/>([^<]*[a-z][^<]*)<\/text>/g)].map(([, text]) => text!)
}

const AXES = ['epoch', 'perplexity']
const curves = (name: string) => [`${name}training`, `${name}held-out`]

it('draws the job of a folder', async () => {
  const folder = temporaryFolder()
  writeLog(join(folder, 'job', 'log.jsonl'))
  expect((await plot(folder, 'job')).sort()).toEqual([...AXES, ...curves(''), 'floor (5.00)'].sort())
})

it.each([
  [
    ['a', 'b'],
    ['a ', 'b '],
  ],
  [
    ['a/log.jsonl', 'x/b'],
    ['a ', 'b '],
  ],
  [
    ['a', 'run.jsonl'],
    ['a ', 'run '],
  ],
  [
    ['b', 'x/b'],
    ['b ', 'x/b '],
  ],
])('names the runs %j after their folders or files', async (logs, names) => {
  const folder = temporaryFolder()
  for (const log of ['a/log.jsonl', 'b/log.jsonl', 'x/b/log.jsonl', 'run.jsonl']) writeLog(join(folder, log))
  const expected = [...AXES, ...names.flatMap(curves), 'floor (5.00)']
  expect((await plot(folder, ...logs)).sort()).toEqual(expected.sort())
})

it('refuses a logarithmic axis that begins at 0', async () => {
  const folder = temporaryFolder()
  writeLog(join(folder, 'job', 'log.jsonl'))
  const { code, stderr } = await rnnlm(['plot', 'job', '--log-axis', '--ylim', '0,500'], folder)
  expect(stderr).toContain('error: --ylim must be above 0 with --log-axis')
  expect(code).toBe(2)
})

it.each([
  ['empty', 'cannot read empty/log.jsonl: no such file or folder'],
  ['begun', 'cannot plot begun/log.jsonl: it contains no perplexity yet; the first epoch has not finished'],
])('of a folder %s says what is missing', async (name, message) => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'empty'))
  writeLog(join(folder, 'begun', 'log.jsonl'), [start])
  const { code, stderr } = await rnnlm(['plot', name], folder)
  expect({ code, stderr }).toEqual({ code: 1, stderr: `rnnlm: ${message}\n` })
})
