/**
 * `npm run bench -- [scenario …] [--quick] [--json]`: runs the scenarios (all of them where none is named), prints
 * a table each, and keeps the record of a full run in which nobody failed as `bench/results/<kind>/<scenario>.json`,
 * with its picture if it has one. <kind> is the kind of the machine: a run never overwrites the records of another kind.
 * Records are committed. Exit code 1 if a contestant fails, 2 on wrong usage.
 */
import { mkdirSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { reason } from '../src/files/file-error.ts'
import { writeFileWhole } from '../src/files/whole-file.ts'
import { savePlot } from '../src/report/plot.ts'
import { machine } from './harness/machine.ts'
import type { Pace } from './harness/protocol.ts'
import { makeRecord, recordAsJson } from './harness/record.ts'
import { runScenario } from './harness/run.ts'
import type { RunRecord } from './harness/run-record.ts'
import type { Scenario } from './harness/scenario.ts'
import { formatRecord } from './harness/table.ts'
import { loadPackage } from './ours/package.ts'
import { scenarios } from './scenarios/index.ts'

const nameWidth = Math.max(...scenarios.map(({ name }) => name.length))

const USAGE = `Usage: npm run bench -- [scenario …] [--quick] [--json]

  --quick  one short round, to see that everything runs; the record is not kept
  --json   print the records as JSON instead of tables

Scenarios:
${scenarios.map(({ name, title }) => `  ${name.padEnd(nameWidth)}  ${title}`).join('\n')}
`

const FULL: Pace = { rounds: 15, roundMilliseconds: 300 }
const QUICK: Pace = { rounds: 1, roundMilliseconds: 50 }

interface Options {
  chosen: readonly Scenario[]
  quick: boolean
  json: boolean
  help: boolean
}

function readOptions(): Options {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const named = positionals.map((name) => {
    const scenario = scenarios.find((candidate) => candidate.name === name)
    if (!scenario) throw new Error(`there is no scenario ${name}`)
    return scenario
  })
  return { ...values, chosen: named.length > 0 ? named : scenarios }
}

async function bench({ chosen, quick, json }: Options): Promise<void> {
  const pace = quick ? QUICK : FULL
  const here = machine((await loadPackage()).kernels().available[0]!)
  const records: RunRecord[] = []
  for (const scenario of chosen) {
    const outcome = await runScenario(scenario, pace, (message) => {
      process.stderr.write(`${scenario.name}: ${message}\n`)
    })
    const record = makeRecord(scenario, pace, here, outcome)
    records.push(record)
    if (!json) process.stdout.write(`\n${formatRecord(record)}`)
    if (record.failed.length > 0) process.exitCode = 1
    else if (!quick) keep(scenario, record)
  }
  if (json) process.stdout.write(recordAsJson(records))
}

function keep(scenario: Scenario, record: RunRecord): void {
  const path = fileURLToPath(new URL(`results/${record.machine.kind}/${scenario.name}.json`, import.meta.url))
  mkdirSync(dirname(path), { recursive: true })
  writeFileWhole(path, recordAsJson(record))
  process.stderr.write(`${scenario.name}: record kept in ${relative(process.cwd(), path)}\n`)
  if (!scenario.plot) return
  const { series, options } = scenario.plot(record)
  savePlot(path.replace(/json$/, 'svg'), series, options)
}

let options: Options
try {
  options = readOptions()
} catch (error) {
  process.stderr.write(`${reason(error)}\n\n${USAGE}`)
  process.exit(2)
}
if (options.help) process.stdout.write(USAGE)
else await bench(options)
