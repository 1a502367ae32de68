/** The output of `rnnlm train`: a description of the job, its results and its perplexity chart. */
import { existsSync } from 'node:fs'
import { reason } from '../files/file-error.ts'
import { checkpointIn, type JobResult, pictureIn, type TrainingJob } from '../jobs/index.ts'
import { seriesFromRuns } from '../jobs/log-series.ts'
import {
  bitsOf,
  formatCount,
  formatDuration,
  formatPerplexity,
  formatShare,
  formatSpeed,
} from '../report/format.ts'
import { savePlot } from '../report/plot.ts'
import { isCurve } from '../report/series.ts'
import { canColor, columnsOf } from '../report/terminal.ts'
import { LEAST_CHART_COLUMNS, terminalChart } from '../report/terminal-chart.ts'
import { availablePrecisions, kernels, type Precision } from '../tensor/index.ts'
import type { Evaluation } from '../train/index.ts'
import { complain, printChart, tell } from './output.ts'

const MOST_CHART_COLUMNS = 100

/** One line that describes text, model and machine. */
export function describeJob({ settings, texts, model, folder, iterationsBefore }: TrainingJob): string {
  const { data, cell, layers, wordvecSize, hiddenSize, dropout, tieWeights } = settings
  const { train, vocabulary, valid } = texts
  const weights = model.params.reduce((sum, param) => sum + param.size, 0)
  const { isa, threads } = kernels()
  const parts = [
    `${formatCount(train.length)} ${vocabulary.unit}s of ${data}, ${formatCount(vocabulary.size)} different`,
    valid && `${formatCount(valid.length)} held out`,
    `${cell}, ${layers} ${layers === 1 ? 'layer' : 'layers'}, D ${wordvecSize}, H ${hiddenSize}` +
      `${dropout > 0 ? `, dropout ${dropout}` : ''}${tieWeights ? ', tied weights' : ''}`,
    `${formatCount(weights)} weights`,
    `${isa}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    describePrecision(settings.precision),
    settings.initFrom !== undefined && iterationsBefore === 0 && `from ${settings.initFrom}`,
    folder !== undefined && `in ${folder}`,
    iterationsBefore > 0 && `continues after iteration ${formatCount(iterationsBefore)}`,
  ]
  return parts.filter(Boolean).join('; ')
}

function describePrecision(wanted: Precision): string | false {
  if (!availablePrecisions().includes(wanted))
    return `float32, since this processor is not faster in ${wanted}`
  return wanted !== 'highest' && `precision ${wanted}`
}

export function printResult(job: TrainingJob, result: JobResult, json = false): string {
  const { perplexity, diverged, epochs, iterations, seconds, wordsPerSecond, best, test } = result
  const { floor, vocabulary, valid, test: testText } = job.texts
  const count = (scored: Evaluation | undefined, text: Int32Array | undefined) =>
    scored && text && vocabulary.countUnknown(text.subarray(1))
  const unknown = { valid: count(best?.validation, valid), test: count(test, testText) }
  const checkpoint = job.folder === undefined ? undefined : checkpointIn(job.folder)
  if (json) {
    const figures = {
      perplexity,
      validPerplexity: best?.validation.perplexity,
      bestEpoch: best?.epoch,
      floor,
      validTokens: best?.validation.tokens,
      validUnknown: unknown.valid,
      testPerplexity: test?.perplexity,
      testTokens: test?.tokens,
      testUnknown: unknown.test,
      epochs,
      iterations,
      seconds,
      wordsPerSecond,
      diverged,
      checkpoint,
    }
    return `${JSON.stringify(figures)}\n`
  }
  const isOfCharacters = vocabulary.unit === 'character'
  const lines = [
    best &&
      `held-out   ${formatEvaluation({ ...best.validation, unknown: unknown.valid }, isOfCharacters)}, after epoch ${best.epoch}`,
    test && `test       ${formatEvaluation({ ...test, unknown: unknown.test }, isOfCharacters)}`,
    floor !== undefined &&
      `floor      ${formatPerplexity(floor)} (perplexity of the generator that wrote the stories)`,
    diverged && 'diverged   far above the perplexity of word frequencies; try a lower learning rate',
    checkpoint && `saved      ${checkpoint}`,
  ]
  return `${printEpoch(job)}${lines
    .filter(Boolean)
    .map((line) => `${line}\n`)
    .join('')}`
}

/** The state of a job: `perplexity 7.12 after 3 epochs in 0:12 (76,000 words/s)`. */
export function printEpoch({ lastEpoch, texts }: TrainingJob): string {
  const { perplexity, epoch, seconds, wordsPerSecond } = lastEpoch!
  const speed = formatSpeed(wordsPerSecond, texts.vocabulary.unit)
  const epochs = `${epoch} ${epoch === 1 ? 'epoch' : 'epochs'}`
  return `perplexity ${formatPerplexity(perplexity)} after ${epochs} in ${formatDuration(seconds)} (${speed})\n`
}

/** The perplexity and the number of tokens scored; in character mode, also the bits per character. */
function formatEvaluation(
  {
    perplexity,
    crossEntropy,
    tokens,
    unknown = 0,
  }: Omit<Evaluation, 'unknown'> & { unknown?: number | undefined },
  isOfCharacters: boolean,
): string {
  const bits = isOfCharacters ? `, ${bitsOf(crossEntropy).toFixed(3)} bits per character` : ''
  const share = unknown > 0 ? `, ${formatShare(unknown, tokens)} unknown` : ''
  return `${formatPerplexity(perplexity)}${bits} (${formatCount(tokens)} tokens${share})`
}

interface PictureFlags {
  plot?: string | false
  json?: boolean
  logAxis?: boolean
}

/**
 * Plots the perplexity of a job to a file and, as text, on the terminal, whether or not the job succeeded. A plot that
 * cannot be written causes a warning and does not change the result of the job.
 */
export async function drawCourse(job: TrainingJob, flags: PictureFlags): Promise<void> {
  try {
    await draw(job, flags)
  } catch (error) {
    complain(`warning: no plot: ${reason(error)}`)
  }
}

async function draw(job: TrainingJob, { plot, json, logAxis: logY = false }: PictureFlags): Promise<void> {
  if (!job.records.some(({ type }) => type === 'train')) return
  const series = seriesFromRuns([{ name: '', records: job.records }]).filter(
    (item) => !isCurve(item) || item.y.some(Number.isFinite),
  )
  if (!series.some(isCurve)) {
    tell('no plot: no perplexity is finite')
    return
  }
  if (!json) {
    const width = Math.min(columnsOf(process.stdout), MOST_CHART_COLUMNS)
    const color = canColor(process.stdout)
    if (width >= LEAST_CHART_COLUMNS)
      await printChart(`\n${terminalChart(series, { width, logY, xLabel: 'epoch', color })}\n`)
  }
  if (plot === false) return
  if (plot === undefined && job.folder !== undefined && !existsSync(job.folder))
    throw new Error(`the folder ${job.folder} no longer exists`)
  const path = plot ?? (job.folder === undefined ? 'perplexity.svg' : pictureIn(job.folder))
  savePlot(path, series, { xLabel: 'epoch', logY })
  tell(`wrote ${path}`)
}
