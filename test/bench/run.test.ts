/** The harness with contestants that do well and contestants that do not. */
import { expect, it } from 'vitest'
import { makeRecord } from '../../bench/harness/record.ts'
import { runScenario } from '../../bench/harness/run.ts'
import type { Contestant, Outcome } from '../../bench/harness/scenario.ts'
import { formatRecord } from '../../bench/harness/table.ts'

const pace = { rounds: 3, roundMilliseconds: 1 }

/** A contestant that answers the task by `ready` and the n-th `run` by `rounds[n]`, both as they stand. */
function contestant(name: string, ready: string, rounds: string[], atEnd = ''): Contestant {
  const script = `
    const answers = ${JSON.stringify([ready, ...rounds])}
    const lines = require('node:readline').createInterface({ input: process.stdin })
    lines.on('line', () => {
      const answer = answers.shift()
      if (answer === 'die') { console.error('out of ' + 'luck'); process.exit(3) }
      console.log(answer)
    })
    lines.on('close', () => { ${atEnd} })`
  return { name, find: async () => ({ command: [process.execPath, '-e', script] }) }
}

const ready = (check: number) => JSON.stringify({ ready: true, check, details: { version: 2 } })
const times = (...figures: number[]) =>
  figures.map((millisecondsPerIteration) => JSON.stringify({ millisecondsPerIteration }))

function scenarioOf(contestants: Contestant[]) {
  return {
    name: 'pretence',
    title: 'nothing is done',
    threads: 1,
    task: {},
    throughput: { unit: 'words/s', perIteration: 50 },
    check: { name: 'perplexity', expected: 'less than 100', passes: (value: number) => value < 100 },
    contestants,
  }
}

async function run(contestants: Contestant[]): Promise<Outcome & { messages: string[] }> {
  const messages: string[] = []
  const outcome = await runScenario(scenarioOf(contestants), pace, (message) => messages.push(message))
  return { ...outcome, messages }
}

it('collects the rounds of all contestants, and names who is not installed', async () => {
  const outcome = await run([
    contestant('rnnlm', ready(21), times(1, 2, 3)),
    contestant('other', ready(22), times(4, 4, 6)),
    { name: 'absent', find: async () => ({ missing: 'it is not here' }) },
  ])
  expect(outcome.standings).toEqual([
    { name: 'rnnlm', check: 21, details: { version: 2 }, rounds: [1, 2, 3] },
    { name: 'other', check: 22, details: { version: 2 }, rounds: [4, 4, 6] },
  ])
  expect(outcome.skipped).toEqual([{ name: 'absent', reason: 'it is not here' }])
  expect(outcome.failed).toEqual([])
  expect(outcome.messages).toContain('round 3 of 3')

  const record = makeRecord(scenarioOf([]), pace, outcome)
  expect(record.contestants[1]).toMatchObject({
    millisecondsPerIteration: { median: 4, min: 4, max: 6 },
    throughput: 12_500,
    ratioToOurs: 2,
  })
  const table = formatRecord(record)
  expect(table).toMatch(/^other +4\.00 +4\.00–6\.00 +12,500 +2\.00 +22\.0$/m)
  expect(table).toContain('absent skipped: it is not here')
})

it('tells why a contestant failed and lets the others go on', async () => {
  const { standings, failed } = await run([
    contestant('dies early', 'die', []),
    contestant('dies late', ready(1), [...times(1), 'die']),
    contestant('dies last', ready(1), times(1, 1, 1), 'process.exit(4)'),
    contestant('babbles', ready(1), ['hello']),
    contestant('answers null', 'null', []),
    contestant('takes no time', ready(1), times(0)),
    contestant('learns nothing', ready(418), []),
    { name: 'is no program', find: async () => ({ command: ['/no/such/program'] }) },
    contestant('good', ready(1), times(1, 2, 3)),
  ])
  expect(standings.map(({ name }) => name)).toEqual(['good'])
  const reasons = Object.fromEntries(failed.map(({ name, reason }) => [name, reason]))
  expect(reasons).toEqual({
    'dies early': 'ended without an answer: exit code 3\nout of luck',
    'dies late': 'ended without an answer: exit code 3\nout of luck',
    'dies last': 'exit code 4',
    babbles: 'babbles: answer: expected a line of JSON, got "hello"',
    'answers null': 'answers null: ready: expected true, got undefined',
    'takes no time': 'takes no time: millisecondsPerIteration: expected a positive number, got 0',
    'learns nothing': 'perplexity: expected less than 100, got 418',
    'is no program': 'ended without an answer: could not be started: no such file or folder',
  })
})

it('gives no ratio where ours is missing', async () => {
  const record = makeRecord(scenarioOf([]), pace, await run([contestant('other', ready(1), times(1, 1, 1))]))
  expect(record.contestants[0]?.ratioToOurs).toBeNull()
  expect(formatRecord(record)).toMatch(/^other .* - +1\.00$/m)
})
