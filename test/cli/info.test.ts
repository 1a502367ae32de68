import { expect, it } from 'vitest'
import { kernels, PRECISIONS } from '../../src/tensor/index.ts'
import { rnnlm, startRnnlm, temporaryFolder } from '../support/command-line.ts'
import { precisionOn } from '../support/precisions.ts'
import { rnnlmInSharedProcess } from '../support/shared-process.ts'

it('tells the instruction set, threads and versions', async () => {
  const { code, stdout } = await rnnlm(['info', '--json'], temporaryFolder())
  expect(code).toBe(0)
  const { available, threads } = kernels()
  expect(JSON.parse(stdout)).toMatchObject({
    node: process.versions.node,
    available,
    threads,
    precision: 'highest',
    precisions: PRECISIONS.filter((precision) => precisionOn(kernels().isa, precision) === precision),
  })
})

it.each([
  ['RNNLM_ISA', 'nonsense'],
  ['RNNLM_THREADS', 'two'],
])('%s=%s is a failure explained in a sentence', async (name, value) => {
  const { outcome } = startRnnlm(['info'], temporaryFolder(), { env: { [name]: value } })
  const { code, stderr } = await outcome
  expect(stderr).toMatch(new RegExp(`^rnnlm: .*${name}.*"${value}"\n$`))
  expect(code).toBe(1)
})

it('every command has help', async () => {
  for (const name of ['', 'train', 'eval', 'score', 'rank', 'generate', 'plot', 'info']) {
    const { code, stdout } = await rnnlmInSharedProcess(
      [...(name ? [name] : []), '--help'],
      temporaryFolder(),
    )
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Usage: rnnlm/)
  }
})
