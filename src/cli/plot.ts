/** `rnnlm plot`: plots training logs. */
import { statSync } from 'node:fs'
import { basename, dirname, extname, resolve } from 'node:path'
import { Command, Option } from 'commander'
import { fileError } from '../files/file-error.ts'
import { logIn } from '../jobs/index.ts'
import { type LogRecord, readLog } from '../jobs/log-records.ts'
import { seriesFromRuns } from '../jobs/log-series.ts'
import { savePlot } from '../report/plot.ts'
import { tell } from './output.ts'
import { limits, pictureFile } from './values.ts'

/** The name of the log in a job folder. */
const LOG = 'log.jsonl'

interface PlotFlags {
  out: string
  by: 'epoch' | 'iteration'
  logAxis?: boolean
  ylim?: [number, number]
  title?: string
}

export function plotCommand(): Command {
  return new Command('plot')
    .description(
      'Plots the training perplexity (solid) and the held-out perplexity (dashed) of one or several jobs.',
    )
    .argument('<jobs...>', 'job folders, or logs written by "rnnlm train --log"')
    .option('-o, --out <file>', 'output file, .svg or .png', pictureFile, 'perplexity.svg')
    .addOption(
      new Option('--by <unit>', 'unit of the horizontal axis')
        .choices(['epoch', 'iteration'])
        .default('epoch'),
    )
    .option('--log-axis', 'use a logarithmic perplexity axis')
    .option('--ylim <low,high>', 'range of the perplexity axis', limits)
    .option('--title <text>', 'title of the plot')
    .addHelpText(
      'after',
      '\nExamples:\n  rnnlm train --out a --seed 1\n  rnnlm train --out b --seed 2\n  rnnlm plot a b --log-axis --out seeds.png',
    )
    .action((logs: string[], { out, by, logAxis = false, ylim, title }: PlotFlags, command: Command) => {
      if (logAxis && ylim !== undefined && ylim[0] <= 0)
        command.error('error: --ylim must be above 0 with --log-axis')
      const names = namesOf(logs)
      const runs = logs.map((path, index) => ({ name: names[index]!, records: readRun(logOf(path)) }))
      savePlot(out, seriesFromRuns(runs, by), { xLabel: by, logY: logAxis, yLimits: ylim, title })
      tell(`wrote ${out}`)
    })
}

/** The log of a job folder, or the given log. */
function logOf(path: string): string {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? logIn(path) : path
}

function readRun(log: string): LogRecord[] {
  const records = readLog(log)
  if (!records.some(({ type }) => type === 'train' || type === 'valid'))
    throw fileError('plot', log, new Error('it contains no perplexity yet; the first epoch has not finished'))
  return records
}

/** The names of runs in a plot: empty for a single run, otherwise folder or file names; paths if two names are equal. */
function namesOf(paths: readonly string[]): string[] {
  if (paths.length === 1) return ['']
  const names = paths.map((path) => {
    const log = resolve(logOf(path))
    return basename(log) === LOG ? basename(dirname(log)) : basename(log, extname(log))
  })
  return new Set(names).size === names.length ? names : [...paths]
}
