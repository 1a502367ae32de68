import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scoreSentences } from '../../src/inference/index.ts'
import { loadModel } from '../../src/jobs/load-model.ts'
import { rnnlm, startRnnlm, temporaryFolder } from '../support/command-line.ts'
import { trainJob } from '../support/jobs.ts'

const SENTENCES = ['w1 w4 w13 w0', 'w19', 'w2 w7 w2 w7 w3', 'w5 w5 w5 w5 w5 w5']

async function folderWithJob(): Promise<string> {
  const folder = temporaryFolder()
  await trainJob(folder)
  return folder
}

describe('rnnlm rank', () => {
  it('puts the most probable sentence first', async () => {
    const folder = await folderWithJob()
    writeFileSync(join(folder, 'sentences.txt'), `${SENTENCES.join('\n')}\n`)
    const { code, stdout, stderr } = await rnnlm(['rank', 'job', 'sentences.txt', '--json'], folder)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const { model, vocabulary } = loadModel(join(folder, 'job'))
    const scores = await scoreSentences(model, vocabulary, SENTENCES)
    const expected = scores
      .map((score, i) => ({ sentence: SENTENCES[i], ...score }))
      .sort((a, b) => b.logProbability - a.logProbability)
    const lines = stdout.trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual(expected)
    const plain = await rnnlm(['rank', 'job', 'sentences.txt'], folder)
    expect(plain.stdout.split('\n').map((line) => line.split('\t')[3])).toEqual([
      ...expected.map(({ sentence }) => sentence),
      undefined,
    ])
  })

  it('counts the words that the model does not know', async () => {
    const folder = await folderWithJob()
    const { stderr } = await startRnnlm(['rank', 'job'], folder, { input: 'w1 zebra\nw2\n' }).outcome
    expect(stderr).toBe('5 tokens, 1 of them unknown (20.0 %)\n')
  })
})
