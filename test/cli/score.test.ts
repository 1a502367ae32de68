import { execFile } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { scoreSentences } from '../../src/inference/index.ts'
import { loadModel } from '../../src/jobs/load-model.ts'
import { rnnlm, startRnnlm, temporaryFolder } from '../support/command-line.ts'
import { trainJob } from '../support/jobs.ts'

const SENTENCES = ['w1 w4 w13 w0', 'w19', 'w2 w7 w2 w7 w3', 'w5 w5 w5 w5 w5 w5']
const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

async function folderWithJob(): Promise<string> {
  const folder = temporaryFolder()
  await trainJob(folder)
  writeFileSync(
    join(folder, 'sentences.txt'),
    `${SENTENCES.slice(0, 2).join('\n')}\n\n${SENTENCES.slice(2).join('\r\n')}`,
  )
  return folder
}

function expectedScores(folder: string, continued = false) {
  const { model, vocabulary } = loadModel(join(folder, 'job'))
  return scoreSentences(model, vocabulary, SENTENCES, { continued })
}

describe('rnnlm score', () => {
  it('prints a line a sentence, and the sum on standard error', async () => {
    const folder = await folderWithJob()
    const { code, stdout, stderr } = await rnnlm(['score', 'job', 'sentences.txt'], folder)
    const scores = await expectedScores(folder)
    const lines = scores.map(({ logProbability, tokens, perplexity }, i) =>
      [logProbability.toFixed(4), tokens, Number(perplexity.toPrecision(6)), SENTENCES[i]].join('\t'),
    )
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${lines.join('\n')}\n` })
    expect(stderr).toMatch(/^4 sentences, 20 tokens, log-probability -[\d.]+, perplexity [\d.]+\n$/)
  })

  it('reads standard input, and prints JSON', async () => {
    const folder = await folderWithJob()
    const input = SENTENCES.join('\n')
    for (const args of [[], ['--continued']]) {
      const { stdout } = await startRnnlm(['score', 'job', '--json', ...args], folder, { input }).outcome
      const expected = await expectedScores(folder, args.length > 0)
      const lines = stdout.trimEnd().split('\n')
      expect(lines.map((line) => JSON.parse(line))).toEqual(
        expected.map((score, i) => ({ sentence: SENTENCES[i], ...score })),
      )
    }
  })

  it('keeps its columns when a sentence has a tab', async () => {
    const folder = await folderWithJob()
    const { stdout, stderr } = await startRnnlm(['score', 'job'], folder, { input: 'w1\tw4\t\tw13\n' })
      .outcome
    expect(stdout.trimEnd().split('\t').slice(3)).toEqual(['w1 w4  w13'])
    expect(stderr).toMatch(/^1 sentence, 4 tokens, /)
  })

  it('counts the words that the model does not know', async () => {
    const folder = await folderWithJob()
    const input = 'w1 zebra\nw2\n'
    const { stdout, stderr } = await startRnnlm(['score', 'job', '--json'], folder, { input }).outcome
    const unknown = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).unknown)
    expect(unknown).toEqual([1, 0])
    expect(stderr).toContain('2 sentences, 5 tokens, 1 of them unknown (20.0 %), log-probability')
  })

  it('says that there are no sentences', async () => {
    const folder = await folderWithJob()
    const outcome = await startRnnlm(['score', 'job'], folder, { input: '\n \n' }).outcome
    expect(outcome).toEqual({ code: 0, stdout: '', stderr: 'no sentences\n' })
  })

  it.each([[Buffer.from([0x77, 0x31, 0x0a, 0xff, 0x0a]), 'cannot read standard input: invalid UTF-8']])(
    'refuses %j',
    async (input, message) => {
      const outcome = await startRnnlm(['score', 'job'], await folderWithJob(), { input }).outcome
      expect(outcome.stderr).toContain(`rnnlm: ${message}`)
      expect(outcome.code).toBe(1)
    },
  )

  it('ends without a word when its reader has seen enough', async () => {
    const folder = await folderWithJob()
    writeFileSync(join(folder, 'many.txt'), `${SENTENCES[0]}\n`.repeat(20_000))
    const command = `"${process.execPath}" "${main}" score job many.txt | head -n 1; echo "\${PIPESTATUS[@]}"`
    const { stdout, stderr } = await promisify(execFile)('bash', ['-c', command], { cwd: folder })
    expect(stdout).toMatch(/^-\d+\.\d+\t5\t[\d.]+\tw1 w4 w13 w0\n0 0\n$/)
    expect(stderr).toBe('')
  })

  it.skipIf(!existsSync('/dev/full'))(
    'says that its output cannot be written (needs /dev/full)',
    async () => {
      const folder = await folderWithJob()
      const command = `"${process.execPath}" "${main}" score job sentences.txt > /dev/full`
      const failure = await promisify(execFile)('bash', ['-c', command], { cwd: folder }).catch(
        (error) => error,
      )
      expect(failure.code).toBe(1)
      expect(failure.stderr).toContain('rnnlm: cannot write standard output: no space left on the disk\n')
    },
  )

  it('scores what there is, and stops at SIGINT while it waits for more', async () => {
    const folder = await folderWithJob()
    const { child, outcome, prints } = startRnnlm(['score', 'job'], folder, { input: null })
    child.stdin.write('w1 w4\n')
    await prints('stdout')
    child.kill('SIGINT')
    expect(await outcome).toMatchObject({ code: 130, stderr: 'rnnlm: stopped by SIGINT\n' })
  })
})
