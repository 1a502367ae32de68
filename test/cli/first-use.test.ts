/** What the README says about one's own text, with no options but those that it names. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Random } from '../../src/tensor/index.ts'
import { rnnlm, temporaryFolder } from '../support/command-line.ts'

/** Lines of frequent and rare words; those of the last lines occur nowhere else. */
function novel(): string {
  const rng = new Random(11)
  const line = (i: number) =>
    Array.from({ length: 6 }, () => (rng.uniform() < 0.1 ? `rare${i}` : `w${rng.integer(15)}`)).join(' ')
  const lines = Array.from({ length: 80 }, (_, i) => line(i))
  return `${lines.join('\n')}\nunseen words end the novel\n`
}

it.each(['word', 'character'])('every command of the README works on a text of %ss', async (unit) => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'novel.txt'), novel())
  writeFileSync(join(folder, 'sentences.txt'), 'w1 w2 w3\nonce upon a w4 \u00e9\n')
  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await rnnlm(args, folder)
    expect({ code, stderr }).toMatchObject({ code: 0 })
    return stdout
  }
  const training = ['train', '--data', 'novel.txt', '--out', 'novel', '--json']
  const result = JSON.parse(await run(...training, ...(unit === 'word' ? [] : ['--unit', unit])))
  expect(result.validPerplexity).toBeGreaterThan(1)
  const scored = JSON.parse(await run('eval', 'novel', '--json'))
  expect([scored.perplexity, scored.unknown]).toEqual([result.validPerplexity, result.validUnknown])
  if (unit === 'word') expect(scored.unknown).toBeGreaterThan(0)
  const text = await run('generate', 'novel', '--prompt', 'once upon a time')
  expect(text).toMatch(/^once upon a time/)
  expect(text).not.toMatch(/<unk>|\uFFFD/)
  expect((await run('score', 'novel', 'sentences.txt')).trimEnd().split('\n')).toHaveLength(2)
  expect((await run('rank', 'novel', 'sentences.txt')).trimEnd().split('\n')).toHaveLength(2)
  await run('plot', 'novel/log.jsonl', '--log-axis', '--out', 'novel.png')
  await run('train', '--resume', 'novel')
})
