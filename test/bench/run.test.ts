/** The harness with contestants that do well and contestants that do not. */
import { expect, it } from 'vitest'
import type { Machine } from '../../bench/harness/machine.ts'
import type { Outcome } from '../../bench/harness/protocol.ts'
import { makeRecord, recordAsJson } from '../../bench/harness/record.ts'
import { runScenario } from '../../bench/harness/run.ts'
import type { Contestant, Scenario } from '../../bench/harness/scenario.ts'
import { formatRecord } from '../../bench/harness/table.ts'

const pace = { rounds: 3, roundMilliseconds: 1 }
const here: Machine = { kind: 'test-scalar', cpu: 'Test', architecture: 'x64', cores: 2, caches: [] }

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

const ready = (check: number) => JSON.stringify({ ready: true, threads: 1, check, details: { version: 2 } })
const times = (...figures: number[]) =>
  figures.map((millisecondsPerIteration) => JSON.stringify({ millisecondsPerIteration }))

const common = {
  name: 'pretence',
  title: 'nothing is done',
  threads: 1,
  task: {},
  check: { name: 'perplexity', expected: 'less than 100', passes: (value: number) => value < 100 },
}

function raceOf(contestants: Contestant[], cases = [{ name: 'step', work: 50 }]): Scenario {
  return { ...common, kind: 'race', cases, throughputUnit: 'words/s', contestants }
}

async function run(scenario: Scenario): Promise<Outcome & { messages: string[] }> {
  const messages: string[] = []
  const outcome = await runScenario(scenario, pace, (message) => messages.push(message))
  return { ...outcome, messages }
}

it('collects the rounds of all contestants, and names who is not installed', async () => {
  const race = raceOf([
    contestant('rnnlm', ready(21), times(1, 2, 3)),
    contestant('other', ready(22), times(4, 4, 6)),
    { name: 'absent', find: async () => ({ missing: 'it is not here' }) },
  ])
  const outcome = await run(race)
  const rounds = (...figures: number[]) => [
    figures.map((millisecondsPerIteration) => ({ millisecondsPerIteration })),
  ]
  expect(outcome.standings).toEqual([
    { name: 'rnnlm', threads: 1, check: 21, details: { version: 2 }, rounds: rounds(1, 2, 3) },
    { name: 'other', threads: 1, check: 22, details: { version: 2 }, rounds: rounds(4, 4, 6) },
  ])
  expect(outcome.skipped).toEqual([{ name: 'absent', reason: 'it is not here' }])
  expect(outcome.failed).toEqual([])
  expect(outcome.messages).toContain('round 3 of 3')

  const record = makeRecord(race, pace, here, outcome)
  expect(record.machine).toBe(here)
  expect(record.contestants[1]?.cases).toEqual([
    {
      name: 'step',
      figures: { millisecondsPerIteration: { median: 4, min: 4, max: 6 } },
      throughput: 12_500,
      ratioToOurs: 2,
    },
  ])
  const table = formatRecord(record)
  expect(table).toMatch(/^other +4\.00 +4\.00–6\.00 +12,500 +2\.00 +22\.0$/m)
  expect(table).toContain('Test (test-scalar), x64, 2 cores')
  expect(table).toContain('absent skipped: it is not here')
})

it('tells why a contestant failed and lets the others continue', async () => {
  const contestants = [
    contestant('dies early', 'die', []),
    contestant('dies late', ready(1), [...times(1), 'die']),
    contestant('dies last', ready(1), times(1, 1, 1), 'process.exit(4)'),
    contestant('babbles', ready(1), ['hello']),
    contestant('answers null', 'null', []),
    contestant('takes no time', ready(1), times(0)),
    contestant('learns nothing', ready(418), []),
    { ...contestant('is alone', ready(1), []), threads: 2 },
    { name: 'cannot be looked for', find: () => Promise.reject(new Error('the package is not built')) },
    { name: 'is no program', find: async () => ({ command: ['/no/such/program'] }) },
    contestant('good', ready(1), times(1, 2, 3)),
  ]
  const { standings, failed } = await run(raceOf(contestants))
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
    'is alone': 'is alone: threads: expected 2, got 1',
    'cannot be looked for': 'the package is not built',
    'is no program': 'ended without an answer: could not be started: no such file or folder',
  })
})

it('gives no ratio where ours is missing', async () => {
  const race = raceOf([contestant('other', ready(1), times(1, 1, 1))])
  const record = makeRecord(race, pace, here, await run(race))
  expect(record.contestants[0]?.cases[0]?.ratioToOurs).toBeNull()
  expect(formatRecord(record)).toMatch(/^other .* - +1\.00$/m)
})

it('runs the cases in turn, and shows contestants side by side', async () => {
  const cases = [
    { name: 'small', work: 1 },
    { name: 'large', work: 30 },
  ]
  const race = raceOf(
    [
      contestant('rnnlm', ready(21), times(1, 10, 1, 10, 1, 10)),
      contestant('other', ready(22), times(2, 15, 2, 15, 2, 15)),
    ],
    cases,
  )
  const record = makeRecord(race, pace, here, await run(race))
  expect(record.contestants[1]?.cases.map(({ ratioToOurs }) => ratioToOurs)).toEqual([2, 1.5])
  const table = formatRecord(record)
  expect(table).toMatch(/^ +rnnlm +other +× rnnlm$/m)
  expect(table).toMatch(/^words\/s$/m)
  expect(table).toMatch(/^small +1000 +500 +2\.00$/m)
  expect(table).toMatch(/^large +3000 +2000 +1\.50$/m)
  expect(table).toMatch(/^perplexity +21\.0 +22\.0$/m)
})

it('tells each contestant its task, its threads and its share of the round', async () => {
  const script = `
    const lines = require('node:readline').createInterface({ input: process.stdin })
    lines.once('line', (line) => {
      const { threads, caseMilliseconds, cases, a, b } = JSON.parse(line)
      const told = { caseMilliseconds, cases: cases.length, a, b }
      const heard = { variable: process.env.PRETENCE, environment: Number(process.env.RNNLM_THREADS) }
      console.log(JSON.stringify({ ready: true, threads, check: 1, details: { ...told, ...heard } }))
    })`
  const listener: Contestant = {
    name: 'listener',
    threads: 3,
    settings: { b: 2 },
    environment: { PRETENCE: 'yes' },
    find: async () => ({ command: [process.execPath, '-e', script] }),
  }
  const cases = ['one', 'two'].map((name) => ({ name, work: 1 }))
  const race = { ...raceOf([listener], cases), task: { a: 1, b: 1 }, maxRounds: 0 }
  const { standings, failed } = await run(race)
  expect(failed).toEqual([])
  expect(standings[0]).toMatchObject({
    threads: 3,
    details: { caseMilliseconds: 0.5, cases: 2, a: 1, b: 2, variable: 'yes', environment: 3 },
  })
})

it('surveys figures of other kinds, in no more rounds than the scenario wants', async () => {
  const figures = { p50: 'p50, ms', growth: 'growth, B' }
  const rounds = [
    { p50: 0, growth: -100 },
    { p50: 1, growth: 300 },
  ].map((answer) => JSON.stringify(answer))
  const survey: Scenario = {
    ...common,
    kind: 'survey',
    cases: [{ name: 'idle' }],
    figures,
    contestants: [contestant('rnnlm', ready(21), rounds), contestant('forgetful', ready(21), ['{"p50":1}'])],
    maxRounds: 2,
  }
  const outcome = await run(survey)
  expect(outcome.failed).toEqual([
    { name: 'forgetful', reason: 'forgetful: growth: expected a number, got undefined' },
  ])
  const record = makeRecord(survey, pace, here, outcome)
  expect(record).toMatchObject({ figures, pace: { rounds: 2 } })
  expect(record.contestants[0]?.cases).toEqual([
    {
      name: 'idle',
      figures: { p50: { median: 0.5, min: 0, max: 1 }, growth: { median: 100, min: -100, max: 300 } },
    },
  ])
  const table = formatRecord(record)
  expect(table).toMatch(/^ +p50, ms +growth, B +perplexity$/m)
  expect(table).toMatch(/^rnnlm +0\.500 +100 +21\.0$/m)
})

it('writes fractions with four digits', async () => {
  const race = raceOf([])
  const record = makeRecord(race, { rounds: 1, roundMilliseconds: 1 / 3 }, here, await run(race))
  expect(JSON.parse(recordAsJson(record)).pace.roundMilliseconds).toBe(0.3333)
})
