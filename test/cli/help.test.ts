import { expect, it } from 'vitest'
import { helpWidth, wrapHelp } from '../../src/cli/help.ts'
import { CELL_NAMES } from '../../src/models/index.ts'
import { temporaryFolder } from '../support/command-line.ts'
import { rnnlmInSharedProcess } from '../support/shared-process.ts'

const help = async (...args: string[]) =>
  (await rnnlmInSharedProcess([...args, '--help'], temporaryFolder())).stdout

it('fits into 80 columns, of every command', async () => {
  const main = await help()
  const commands = [...main.slice(main.indexOf('Commands:')).matchAll(/^ {2}(\w+)/gm)].map(
    ([, name]) => name!,
  )
  expect(commands).toEqual(expect.arrayContaining(['train', 'eval', 'compare', 'plot', 'info']))
  const texts = [
    main,
    ...(await Promise.all(commands.filter((name) => name !== 'help').map((name) => help(name)))),
  ]
  const tooLong = texts.flatMap((text) => text.split('\n')).filter((line) => line.length > 80)
  expect(tooLong).toEqual([])
})

it('shows the models of compare as they are typed', async () => {
  const shown = (await help('compare')).match(/\(default:\s+(unigram[^)]*)\)/)![1]
  expect(shown).toBe(`unigram,cbow,nplm,${CELL_NAMES}`)
})

it.each([
  [undefined, 80],
  [0, 80],
  [1, 40],
  [60, 60],
  [200, 100],
])('of a terminal with %s columns takes %i', (columns, width) => {
  expect(helpWidth({ ...(columns !== undefined && { columns }) })).toBe(width)
})

it('wraps paragraphs, and leaves examples and tables as they are', () => {
  const example = `  rnnlm train ${'--option '.repeat(6)}`
  const text = `A paragraph that is longer\nthan one line of the terminal.\n\nExamples:\n${example}\n  table   row\n`
  expect(wrapHelp(text, 40)).toBe(
    `A paragraph that is longer than one line\nof the terminal.\n\nExamples:\n${example}\n  table   row\n`,
  )
})
