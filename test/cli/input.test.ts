/** Texts that come on standard input, or otherwise than as plain UTF-8. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { main, type Outcome, startRnnlm, temporaryFolder } from '../support/command-line.ts'
import { writeTexts } from '../support/jobs.ts'
import { startProcess } from '../support/processes.ts'

const SIZES = ['--wordvec-size', '4', '--hidden-size', '4', '--batch-size', '4', '--time-size', '5']

function run(folder: string, args: readonly string[], input: Buffer | string = ''): Promise<Outcome> {
  return startRnnlm(args, folder, { input }).outcome
}

it('train, eval and score read the same from a file, packed, as UTF-16 and from standard input', async () => {
  const folder = temporaryFolder()
  writeTexts(folder)
  const text = readFileSync(join(folder, 'train.txt'))
  const utf16 = Buffer.from(`\uFEFF${text}`, 'utf16le')
  writeFileSync(join(folder, 'train.gz'), gzipSync(text))
  writeFileSync(join(folder, 'utf16.txt'), utf16)
  const train = (data: string, input?: Buffer) =>
    run(folder, ['train', '--data', data, '--max-epoch', '1', '--no-plot', '--json', ...SIZES], input)
  const perplexities = [train('train.txt'), train('train.gz'), train('utf16.txt'), train('-', text)]
  const [plain, ...others] = (await Promise.all(perplexities)).map(({ stdout }) => JSON.parse(stdout))
  for (const { perplexity, validPerplexity } of others) {
    expect(perplexity).toBe(plain.perplexity)
    expect(validPerplexity).toBe(plain.validPerplexity)
  }
  await run(folder, ['train', '--data', 'train.gz', '--out', 'job', '--max-epoch', '1', ...SIZES])
  const evaluations = await Promise.all([
    run(folder, ['eval', 'job', '--data', 'train.txt', '--json']),
    run(folder, ['eval', 'job', '--data', '-', '--json'], gzipSync(text)),
  ])
  const [fromFile, fromInput] = evaluations.map(({ stdout }) => JSON.parse(stdout))
  expect(fromInput).toEqual({ ...fromFile, data: '-' })
  const scores = [run(folder, ['score', 'job', 'utf16.txt']), run(folder, ['score', 'job', '-'], text)]
  const [fromUtf16, fromDash] = await Promise.all(scores)
  expect(fromDash).toEqual(fromUtf16)
  expect(fromDash!.stdout.split('\n').length).toBeGreaterThan(20)
})

it.skipIf(process.platform === 'win32').each([
  ['-', 'cat train.txt | "$0" "$@"'],
  ['-', '"$0" "$@" <train.txt'],
  ['/dev/stdin', 'cat train.txt | "$0" "$@"'],
  ['/dev/fd/3', '"$0" "$@" 3<train.txt'],
])('a job on %s (%s) is evaluated and resumed without it', async (data, shell) => {
  const folder = temporaryFolder()
  writeTexts(folder)
  const begin = (data: string, out: string) => [
    ...['train', '--data', data, '--out', out, '--max-epoch', '1', '--no-plot', '--json'],
    ...SIZES,
  ]
  const command = ['sh', '-c', shell, process.execPath, main, ...begin(data, 'job')]
  const outcomes = [startProcess(command, { cwd: folder }).outcome, run(folder, begin('train.txt', 'plain'))]
  for (const outcome of outcomes) expect(await outcome).toMatchObject({ code: 0 })
  const evaluate = async (job: string) => {
    const { stdout } = await run(folder, ['eval', job, '--split', 'train', '--json'])
    return { ...JSON.parse(stdout), data: '' }
  }
  expect(await evaluate('job')).toEqual(await evaluate('plain'))
  const resumed = await run(folder, ['train', '--resume', 'job', '--max-epoch', '2', '--no-plot', '--json'])
  expect(resumed).toMatchObject({ code: 0 })
  expect(JSON.parse(resumed.stdout)).toMatchObject({ epochs: 2 })
})

it('standard input is read once', async () => {
  const { code, stderr } = await run(temporaryFolder(), ['train', '--data', '-', '--valid', '-'])
  expect(stderr).toBe(
    "rnnlm: loadTexts: data, valid, test: expected '-' (standard input) once at most, got 2\n",
  )
  expect(code).toBe(1)
})

it('a text that ends within its first line can be scored in', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'text.txt'), 'a b c d '.repeat(500))
  const options = ['--limit', '400', '--max-epoch', '1', '--out', 'job', ...SIZES]
  await run(folder, ['train', '--data', 'text.txt', ...options])
  const { code, stdout } = await run(folder, ['score', 'job'], 'a b\n')
  expect(stdout).toMatch(/\t3\t[\d.]+\ta b\n$/)
  expect(code).toBe(0)
})
