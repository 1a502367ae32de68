/** What reaches a terminal, a pipe and a file. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rnnlm, startRnnlm, temporaryFolder } from '../support/command-line.ts'
import { hasTerminal, rnnlmOnTerminal } from '../support/terminal.ts'

/** Clears the screen, sets the title, rings, goes back, C1's CSI, reverses the line. */
const HOSTILE = ['\u001b[2J\u001b[31m', '\u001b]0;title\u0007', 'a\b\b', '\u009b31m', '\u202efdp.exe']
const SHOWN = [
  '\\u001b[2J\\u001b[31m',
  '\\u001b]0;title\\u0007',
  'a\\u0008\\u0008',
  '\\u009b31m',
  '\\u202efdp.exe',
]
/** What this program draws itself: colours of a chart, and the progress bar. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what they begin with
const OWN = /\u001b\[(\d+(;\d+)*)?m|\u001b\[K|\r\n?/g
const CONTROL = /(?![\t\n])[\p{Cc}\u202a-\u202e\u2066-\u2069]/u

const SIZES = ['--wordvec-size', '4', '--hidden-size', '4', '--batch-size', '2', '--time-size', '5']

/** A folder whose name, text and job's name are hostile. */
async function hostileFolder(parent: string): Promise<{ folder: string; job: string }> {
  const folder = join(parent, `\u001b[7mfolder`)
  mkdirSync(folder)
  writeFileSync(join(folder, 'text\u001b[5m.txt'), `${HOSTILE.join(' ')}\n`.repeat(40))
  writeFileSync(join(folder, 'sentences.txt'), `${HOSTILE.join(' ')}\n`)
  const job = 'job\u001b[1m'
  const args = ['--data', 'text\u001b[5m.txt', '--out', job, '--max-epoch', '1', ...SIZES]
  const { code, stderr } = await rnnlm(['train', ...args], folder)
  expect({ code, stderr }).toMatchObject({ code: 0 })
  return { folder, job }
}

it('is written by output.ts alone', () => {
  const folder = new URL('../../src/', import.meta.url)
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  )
  const writers = files.filter((name) =>
    /process\.std(out|err)\.(write|pipe)|createProgress\(process|\bconsole\.|writeSync\([12],/.test(
      readFileSync(new URL(name, folder), 'utf8'),
    ),
  )
  expect(writers).toEqual([join('cli', 'output.ts')])
})

it('errors are one line without control characters, also in a pipe', async () => {
  const { code, stderr } = await rnnlm(['eval', 'a\nrnnlm: b\u001b[31m'], temporaryFolder())
  expect(stderr).toBe('rnnlm: cannot read a\\u000arnnlm: b\\u001b[31m: no such file or folder\n')
  expect(code).toBe(1)
})

describe.skipIf(!hasTerminal)('on a terminal (skipped where python3 cannot open one)', () => {
  const parent = mkdtempSync(join(tmpdir(), 'rnnlm-test-'))
  let folder: string
  let job: string
  beforeAll(async () => {
    ;({ folder, job } = await hostileFolder(parent))
  })
  afterAll(() => rmSync(parent, { recursive: true }))

  it.each([
    [
      'train',
      () => ['train', '--data', 'text\u001b[5m.txt', '--out', 'other\u001b[1m', '--max-epoch', '2', ...SIZES],
    ],
    ['train --resume', () => ['train', '--resume', job, '--max-epoch', '2']],
    ['eval', () => ['eval', job]],
    ['eval --json', () => ['eval', job, '--json']],
    ['score', () => ['score', job, 'sentences.txt']],
    ['rank --json', () => ['rank', job, 'sentences.txt', '--json']],
    ['generate', () => ['generate', job, '--tokens', '60']],
    ['generate --json', () => ['generate', job, '--tokens', '60', '--json']],
    ['plot', () => ['plot', join(job, 'log.jsonl'), '--out', 'a\u001b[31m.svg']],
    ['compare', () => ['compare', '--data', 'text\u001b[5m.txt', '--models', 'unigram', '--no-plot']],
  ])('%s shows control characters escaped', (_, args) => {
    const { code, output } = rnnlmOnTerminal(args(), folder)
    expect(output.replace(OWN, '')).not.toMatch(CONTROL)
    expect(output).not.toContain('\u001b[5m')
    expect(output).not.toContain('\u001b[1m')
    expect({ code, output }).toMatchObject({ code: 0 })
  })

  it.each([
    ['a job that is missing', ['score', 'no\u001b[2Jjob'], 1],
    ['an option that does not exist', ['score', '--\u001b[2J'], 2],
    ['a value that is none', ['generate', 'job', '--tokens', '\u001b[2J'], 2],
    ['a command that does not exist', ['\u001b[2J'], 2],
    ['a preset that does not exist', ['train', '--preset', '\u001b[2J'], 2],
  ] as const)('the error about %s is escaped', (_, args, expected) => {
    const { code, output } = rnnlmOnTerminal(args, folder)
    expect(output).not.toContain('\u001b')
    expect(output).toContain('\\u001b[2J')
    expect(code).toBe(expected)
  })

  it('sentences keep their words readable', () => {
    const { output } = rnnlmOnTerminal(['score', job, 'sentences.txt'], folder)
    expect(output).toContain(`\t${SHOWN.join(' ')}\r\n`)
  })
})

it('a pipe gets words as they are', async () => {
  const { folder, job } = await hostileFolder(temporaryFolder())
  const input = `${HOSTILE.join(' ')}\n`
  const { stdout } = await startRnnlm(['score', job], folder, { input }).outcome
  expect(stdout).toContain(`\t${input}`)
})
