/** `rnnlm train`: trains a model, shows how it goes, and draws its perplexity. */
import { Command } from 'commander'
import { loadTexts, type Texts } from '../data/texts.ts'
import { SimpleRnnlm } from '../models/index.ts'
import { SGD } from '../optim/index.ts'
import { formatCount, formatDuration, formatPerplexity } from '../report/format.ts'
import { type Log, type LogRecord, openLog } from '../report/log.ts'
import { seriesFromLog } from '../report/log-series.ts'
import { savePlot } from '../report/plot.ts'
import { createProgress } from '../report/progress.ts'
import { isCurve } from '../report/series.ts'
import { terminalChart } from '../report/terminal-chart.ts'
import { kernels } from '../tensor/index.ts'
import { evalPerplexity, type FitProgress, RnnlmTrainer } from '../train/index.ts'
import { interruptible } from './interrupt.ts'
import { amount, integer, pictureFile } from './values.ts'

interface TrainFlags {
  data: string
  limit?: number
  wordvecSize: number
  hiddenSize: number
  batchSize: number
  timeSize: number
  lr: number
  maxEpoch: number
  maxGrad?: number
  seed: number
  log?: string
  plot: string | false
  logAxis?: boolean
  json?: boolean
}

export function trainCommand(): Command {
  return new Command('train')
    .description(
      'Trains SimpleRnnlm and shows its perplexity. The defaults are those of the seed experiment.',
    )
    .option('--data <source>', '"builtin" (little stories), "ptb" (Penn Treebank), or a text file', 'builtin')
    .option('--limit <words>', 'use only so many words of the text', integer(2))
    .option('--wordvec-size <D>', 'length of a word vector', integer(1), 100)
    .option('--hidden-size <H>', 'length of the hidden state', integer(1), 100)
    .option('--batch-size <N>', 'streams read side by side', integer(1), 10)
    .option('--time-size <T>', 'steps of truncated back-propagation', integer(1), 5)
    .option('--lr <rate>', 'learning rate of SGD', amount, 0.1)
    .option('--max-epoch <count>', 'times through the text', integer(1), 100)
    .option('--max-grad <norm>', 'clip gradients to this norm (default: no clipping)', amount)
    .option('--seed <number>', 'seed of the initial weights', integer(0), 0)
    .option('--log <file>', 'write the course of training as JSON lines, for "rnnlm plot"')
    .option('--plot <file>', 'picture of the perplexity, .svg or .png', pictureFile, 'perplexity.svg')
    .option('--no-plot', 'draw no picture')
    .option('--log-axis', 'logarithmic perplexity axis')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  rnnlm train\n  rnnlm train --data ptb --limit 1000\n  rnnlm train --data novel.txt --hidden-size 200 --max-epoch 20 --max-grad 5 --log novel.jsonl',
    )
    .action((flags: TrainFlags) => interruptible((signal) => train(flags, signal)))
}

async function train(flags: TrainFlags, signal: AbortSignal): Promise<void> {
  const text = await loadTexts({ data: flags.data, limit: flags.limit })
  const { wordvecSize, hiddenSize, seed } = flags
  const model = new SimpleRnnlm(text.vocabulary.size, wordvecSize, hiddenSize, { seed })
  const trainer = new RnnlmTrainer(model, new SGD(flags.lr))
  const course = new Course(flags, text)
  const progress = createProgress(process.stderr)
  course.describe()
  try {
    await trainer.fit(text.train.subarray(0, -1), text.train.subarray(1), {
      ...flags,
      evalInterval: null,
      signal,
      onProgress: async (state) => {
        progress.update(state)
        if (!state.isEndOfEpoch) return
        const validPerplexity = text.valid && (await evalPerplexity(model, text.valid, { signal })).perplexity
        course.record(state, validPerplexity)
        progress.finishEpoch(validPerplexity === undefined ? state : { ...state, validPerplexity })
      },
    })
  } finally {
    progress.stop()
    course.finish()
  }
}

/** The course of training: what is logged, drawn and printed. */
class Course {
  readonly #flags: TrainFlags
  readonly #text: Texts
  readonly #log: Log | undefined
  readonly #records: LogRecord[] = []

  constructor(flags: TrainFlags, text: Texts) {
    this.#flags = flags
    this.#text = text
    this.#log = flags.log === undefined ? undefined : openLog(flags.log)
  }

  describe(): void {
    const { data, lr, batchSize, timeSize, wordvecSize, hiddenSize, maxEpoch, maxGrad, seed, limit } =
      this.#flags
    const { vocabulary, train, valid, split, floor } = this.#text
    const settings = {
      data,
      limit,
      batchSize,
      timeSize,
      wordvecSize,
      hiddenSize,
      lr,
      maxEpoch,
      maxGrad,
      seed,
    }
    this.#write({
      type: 'start',
      model: 'SimpleRnnlm',
      words: train.length,
      vocabSize: vocabulary.size,
      ...settings,
      ...{ floor },
    })
    const parts = [
      `${formatCount(train.length)} words of ${data}, ${formatCount(vocabulary.size)} different`,
      valid &&
        `${formatCount(valid.length)} held out${split ? `, the last ${100 * split} % of the text` : ''}`,
      `SimpleRnnlm, D ${wordvecSize}, H ${hiddenSize}`,
      kernels().isa,
    ]
    process.stderr.write(`${parts.filter(Boolean).join('; ')}\n`)
  }

  record(state: FitProgress, validPerplexity: number | undefined): void {
    const { epoch, iteration, perplexity, wordsPerSecond, seconds } = state
    this.#write({ type: 'train', epoch, iteration, perplexity, wordsPerSecond, seconds })
    if (validPerplexity !== undefined) {
      this.#write({ type: 'valid', epoch, iteration, perplexity: validPerplexity })
    }
  }

  /** Prints and draws what there is, after an early stop too. */
  finish(): void {
    const last = this.#records.findLast((record) => record.type === 'train')
    if (last) {
      const { floor } = this.#text
      this.#write({ type: 'end', perplexity: last.perplexity, ...(floor === undefined ? {} : { floor }) })
      this.#print(last.perplexity, last.epoch, last.seconds, last.wordsPerSecond)
    }
    this.#log?.close()
    if (last) this.#draw()
  }

  #write(record: LogRecord): void {
    this.#records.push(record)
    this.#log?.write(record)
  }

  #print(perplexity: number, epochs: number, seconds: number, wordsPerSecond: number): void {
    const valid = this.#records.findLast((record) => record.type === 'valid')?.perplexity
    const { floor } = this.#text
    if (this.#flags.json) {
      const result = { perplexity, validPerplexity: valid, floor, epochs, seconds, wordsPerSecond }
      process.stdout.write(`${JSON.stringify(result)}\n`)
      return
    }
    const lines = [
      `perplexity ${formatPerplexity(perplexity)} after ${epochs} epochs in ${formatDuration(seconds)} (${formatCount(wordsPerSecond)} words/s)`,
      valid !== undefined && `held-out   ${formatPerplexity(valid)}`,
      floor !== undefined &&
        `floor      ${formatPerplexity(floor)} (the model that wrote the held-out stories)`,
    ]
    process.stdout.write(`${lines.filter(Boolean).join('\n')}\n`)
  }

  #draw(): void {
    const { plot, json, logAxis: logY = false } = this.#flags
    const series = seriesFromLog(this.#records, '').filter(
      (item) => !isCurve(item) || item.y.some(Number.isFinite),
    )
    if (!series.some(isCurve)) {
      process.stderr.write('no picture: no perplexity is finite\n')
      return
    }
    if (!json) {
      const width = Math.min(process.stdout.columns ?? 80, 100)
      const color = process.stdout.isTTY === true && !process.env.NO_COLOR
      process.stdout.write(`\n${terminalChart(series, { width, logY, xLabel: 'epoch', color })}\n`)
    }
    if (plot !== false) {
      savePlot(plot, series, { xLabel: 'epoch', logY })
      process.stderr.write(`wrote ${plot}\n`)
    }
  }
}
