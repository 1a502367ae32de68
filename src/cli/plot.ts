/** `rnnlm plot`: pictures of training logs. */
import { basename, extname } from 'node:path'
import { Command, Option } from 'commander'
import { readLog } from '../report/log.ts'
import { seriesFromLog } from '../report/log-series.ts'
import { savePlot } from '../report/plot.ts'
import { tell } from './output.ts'
import { limits, pictureFile } from './values.ts'

interface PlotFlags {
  out: string
  by: 'epoch' | 'iteration'
  logAxis?: boolean
  ylim?: [number, number]
  title?: string
}

export function plotCommand(): Command {
  return new Command('plot')
    .description('Draws the perplexities of one or several training logs (written by "rnnlm train --log").')
    .argument('<logs...>', 'training logs, one curve each')
    .option('-o, --out <file>', 'the picture, .svg or .png', pictureFile, 'perplexity.svg')
    .addOption(
      new Option('--by <unit>', 'what the horizontal axis counts')
        .choices(['epoch', 'iteration'])
        .default('epoch'),
    )
    .option('--log-axis', 'logarithmic perplexity axis')
    .option('--ylim <low,high>', 'range of the perplexity axis', limits)
    .option('--title <text>', 'heading of the picture')
    .addHelpText(
      'after',
      '\nExample:\n  rnnlm train --log a.jsonl --seed 1\n  rnnlm train --log b.jsonl --seed 2\n  rnnlm plot a.jsonl b.jsonl --log-axis --out seeds.png',
    )
    .action((logs: string[], { out, by, logAxis = false, ylim, title }: PlotFlags) => {
      const series = logs.flatMap((path) => {
        const name = logs.length === 1 ? '' : basename(path, extname(path))
        return seriesFromLog(readLog(path), name, by)
      })
      savePlot(out, series, { xLabel: by, logY: logAxis, yLimits: ylim, title })
      tell(`wrote ${out}`)
    })
}
