import { expect, it } from 'vitest'
import { startScript } from './scripts.ts'

it('prints resolves as soon as the output matches, and with output that came before', async () => {
  const { child, outcome, prints } = startScript(
    `console.log('one'); console.log('two'); setInterval(() => {}, 1000)`,
  )
  expect(await prints('stdout', /two/)).toBe('one\ntwo\n')
  expect(await prints('stdout')).toBe('one\ntwo\n')
  child.kill('SIGKILL')
  expect(await outcome).toEqual({ code: null, stdout: 'one\ntwo\n', stderr: '' })
})

it.each([
  ['process.exit(3)', 'exit code 3'],
  [`process.kill(process.pid, 'SIGKILL')`, 'SIGKILL'],
])('prints rejects when the process ends: %s', async (ending, end) => {
  const { prints } = startScript(`console.error('why'); process.stdout.write('half'); ${ending}`)
  await expect(prints('stdout', /whole/)).rejects.toThrow(
    `the process ended (${end}) before its stdout matched /whole/; the end of its stderr:\nwhy\n`,
  )
})
