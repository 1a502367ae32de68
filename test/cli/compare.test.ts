import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { CELL_NAMES } from '../../src/models/index.ts'
import { rnnlm, temporaryFolder } from '../support/command-line.ts'
import { rnnlmInSharedProcess } from '../support/shared-process.ts'

const SMALL = ['compare', '--limit', '1500', '--max-epoch', '1']

it('trains all models, prints one table, and draws one picture', async () => {
  const folder = temporaryFolder()
  const { code, stdout, stderr } = await rnnlm(SMALL, folder)
  expect({ code, stderr }).toMatchObject({ code: 0 })
  const lines = stdout.trimEnd().split('\n')
  expect(lines[0]).toMatch(/^ +training +weights +words\/s +perplexity +memory words$/)
  expect(lines.slice(1, -1).map((line) => line.split(/[: ]/)[0])).toEqual([
    ...['unigram', 'cbow', 'nplm', ...CELL_NAMES],
    'floor',
  ])
  expect(lines.at(-2)).toMatch(/^floor +5\.09 +1\.00$/)
  expect(lines.at(-1)).toBe(
    'held out: 9,999 words, of which 105 need a long memory: there the right word is one of 8',
  )
  expect(stderr).toMatch(/lstm: .*\nepoch 1\/1 .*held-out/)
  const picture = readFileSync(join(folder, 'compare.svg'), 'utf8')
  for (const name of ['all words', 'memory words', 'unigram', 'cbow', 'gru', 'floor'])
    expect(picture).toContain(`>${name}`)
})

it('prints JSON of the models that were asked for; the same seed gives the same figures', async () => {
  const folder = temporaryFolder()
  const run = async (seed: string) => {
    const args = [
      ...SMALL,
      '--models',
      'unigram,cbow',
      '--window',
      '2',
      '--seed',
      seed,
      '--json',
      '--no-plot',
    ]
    return JSON.parse((await rnnlm(args, folder)).stdout)
  }
  const [first, again, other] = [await run('1'), await run('1'), await run('2')]
  expect(first).toMatchObject({
    data: 'builtin',
    words: 1500,
    validTokens: 9999,
    memoryTokens: 105,
    memoryFloor: 1,
    window: 2,
    seed: 1,
    models: [{ contender: 'unigram' }, { contender: 'cbow', description: 'mean of the last 2 words' }],
  })
  const figures = ({ models }: typeof first) =>
    models.map((model: object) => ({ ...model, wordsPerSecond: 0 }))
  expect(figures(again)).toEqual(figures(first))
  expect(figures(other)).not.toEqual(figures(first))
  expect(readdirSync(folder)).toEqual([])
})

it('takes your own text, of which nobody knows a floor', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'text.txt'), 'the cat sat on the mat\nthe dog sat on the cat\n'.repeat(60))
  const args = [
    'compare',
    '--data',
    'text.txt',
    '--models',
    'unigram,nplm',
    '--max-epoch',
    '1',
    '--plot',
    'a.png',
  ]
  const { code, stdout } = await rnnlm(args, folder)
  expect(code).toBe(0)
  expect(stdout).toMatch(/perplexity\nunigram: .*\nnplm: .*\nheld out: \d+ words\n$/)
  expect(existsSync(join(folder, 'a.png'))).toBe(true)
})

it('SIGINT shows the models that are done, and exits with 130', async () => {
  const folder = temporaryFolder()
  let isSent = false
  const args = ['compare', '--limit', '20000', '--max-epoch', '100', '--models', 'unigram,gru']
  const { code, stdout, stderr } = await rnnlm(args, folder, (text, kill) => {
    if (isSent || !/epoch +1\/100/.test(text)) return
    isSent = true
    kill('SIGINT')
  })
  expect(code).toBe(130)
  expect(stderr).toContain('stopped by SIGINT')
  expect(stdout).toMatch(/unigram: /)
  expect(stdout).not.toMatch(/gru: /)
})

it.each([
  [['--models', 'lstm,bigram'], 2, `Expected some of unigram,cbow,nplm,${CELL_NAMES}, each once.`],
  [['--data', 'missing.txt'], 1, 'cannot read missing.txt: no such file or folder'],
  [['--limit', '300', '--no-plot'], 1, 'expected at least batchSize × timeSize = 10 × 40 = 400 token ids'],
] as const)('rnnlm compare %j exits with %i and says why', async (args, code, message) => {
  const outcome = await rnnlmInSharedProcess(['compare', ...args], temporaryFolder())
  expect(outcome.stderr).toContain(message)
  expect(outcome.code).toBe(code)
  expect(outcome.stderr).not.toMatch(/\n +at /)
})
