/** `rnnlm compare`: trains recurrent models and their predecessors and shows which of them remember. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { loadTexts, type Texts } from '../data/texts.ts'
import { rangeError } from '../errors.ts'
import {
  CONTENDERS,
  type Contender,
  type ContenderResult,
  describeContender,
  trainContender,
} from '../experiments/index.ts'
import { reason } from '../files/file-error.ts'
import { formatCount, formatPerplexity } from '../report/format.ts'
import { savePanels } from '../report/plot.ts'
import { createProgress } from '../report/progress.ts'
import { alignedColumns } from '../report/table.ts'
import { comparisonPanels } from './compare-picture.ts'
import { interruptible } from './interrupt.ts'
import { complain, print, progressStream, tell } from './output.ts'
import { integer, pictureFile } from './values.ts'

interface CompareFlags {
  data: string
  limit?: number
  models: readonly Contender[]
  maxEpoch: number
  window: number
  seed: number
  json?: boolean
  plot: string | false
}

/** Words of the built-in stories: enough questions for a network to learn what to remember. */
const BUILTIN_WORDS = 500_000
const HELD_OUT = 0.05
const WINDOW = 10

export function compareCommand(): Command {
  return new Command('compare')
    .description(
      'Trains recurrent models and models that see a window of words, and shows which of them remember.',
    )
    .option(
      '--data <source>',
      '"builtin" (generated stories), "ptb" (Penn Treebank), or a text file',
      'builtin',
    )
    .option(
      '--limit <words>',
      `read only this many words of the text (${formatCount(BUILTIN_WORDS)} for "builtin")`,
      integer(2),
    )
    .addOption(
      new Option('--models <names>', 'models to train, separated by commas')
        .argParser(contenders)
        .default(CONTENDERS, CONTENDERS.join(',')),
    )
    .option('--max-epoch <count>', 'number of epochs', integer(1), 6)
    .option('--window <n>', 'number of previous words that cbow and nplm see', integer(1), WINDOW)
    .option('--seed <number>', 'seed of the initial weights', integer(0), 0)
    .option(
      '--plot <file>',
      'plot the held-out perplexities to an .svg or .png file',
      pictureFile,
      'compare.svg',
    )
    .option('--no-plot', 'do not write a plot')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Some of the built-in stories contain a question: whom does the guest greet? The answer is the host, who was named 16 to 22
words before and is one of eight equally likely people. "memory words" is the perplexity on these answers alone: 1 if the
model remembers the host, 8 if it guesses.

All models have word vectors and hidden layers of size 100 and are trained on batches of 10 × 40 words. The learning rate
falls to 0 along a half cosine. Results are those of the best epoch. Gates are initialised so that some units keep their
content for up to 60 words. The models and their training:
${alignedColumns(CONTENDERS.map(describeInHelp))}

Examples:
  rnnlm compare
  rnnlm compare --models nplm,lstm --window 25
  rnnlm compare --data novel.txt --max-epoch 10 --plot novel.png`,
    )
    .action((flags: CompareFlags) => interruptible((signal) => compare(flags, signal)))
}

function describeInHelp(contender: Contender): string[] {
  const { description, recipe } = describeContender(contender, WINDOW)
  return [`  ${contender.padEnd(7)}  ${description}`, recipe]
}

function contenders(text: string): Contender[] {
  const names = text.split(',')
  const unknown = names.find((name) => !(CONTENDERS as readonly string[]).includes(name))
  if (unknown !== undefined || new Set(names).size < names.length)
    throw new InvalidArgumentError(`Expected some of ${CONTENDERS.join(',')}, each once.`)
  return names as Contender[]
}

async function compare(flags: CompareFlags, signal: AbortSignal): Promise<void> {
  const { models, maxEpoch, window, seed } = flags
  const texts = await loadBoth(flags, signal)
  const results: ContenderResult[] = []
  tell(
    `${formatCount(texts.train.length)} words of ${flags.data}, ${formatCount(texts.vocabulary.size)} different; ${formatCount(texts.valid.length)} held out`,
  )
  try {
    for (const contender of models)
      results.push(await train(contender, texts, { maxEpoch, window, seed, signal }))
  } finally {
    if (results.length > 0) await report(results, texts, flags)
  }
}

type BothTexts = Texts & { valid: Int32Array }

async function loadBoth({ data, limit }: CompareFlags, signal: AbortSignal): Promise<BothTexts> {
  const isBuiltin = data === 'builtin'
  const words = limit ?? (isBuiltin ? BUILTIN_WORDS : undefined)
  const { valid, ...texts } = await loadTexts({
    data,
    signal,
    ...(words !== undefined && { limit: words, ...(isBuiltin ? {} : { split: HELD_OUT }) }),
  })
  if (!valid)
    throw rangeError('compare', 'data', 'a text of which a twentieth can be held out', texts.train.length)
  return { ...texts, valid }
}

async function train(
  contender: Contender,
  texts: Texts,
  options: { maxEpoch: number; window: number; seed: number; signal: AbortSignal },
): Promise<ContenderResult> {
  const { description, recipe } = describeContender(contender, options.window)
  tell(`${contender}: ${description}; ${recipe}`)
  const progress = createProgress(progressStream)
  try {
    return await trainContender(contender, texts, {
      ...options,
      onProgress: (state) => progress.update(state),
      onEpoch: (state, validPerplexity) => progress.finishEpoch({ ...state, validPerplexity }),
    })
  } finally {
    progress.stop()
  }
}

async function report(
  results: readonly ContenderResult[],
  texts: BothTexts,
  flags: CompareFlags,
): Promise<void> {
  await print(flags.json ? asJson(results, texts, flags) : asTable(results, texts))
  const panels = comparisonPanels(results, texts)
  if (flags.plot === false || panels.length === 0) return
  try {
    savePanels(flags.plot, panels, { xLabel: 'epoch', yLabel: 'held-out perplexity', logY: true })
    tell(`wrote ${flags.plot}`)
  } catch (error) {
    complain(`warning: no plot: ${reason(error)}`)
  }
}

function asJson(
  results: readonly ContenderResult[],
  { train, valid, vocabulary, floor, memoryFloor, memoryPositions }: BothTexts,
  { data, maxEpoch, window, seed }: CompareFlags,
): string {
  const text = { data, words: train.length, vocabSize: vocabulary.size, validTokens: valid.length - 1 }
  const floors = { floor, memoryFloor, memoryTokens: memoryPositions?.length }
  return `${JSON.stringify({ ...text, ...floors, maxEpoch, window, seed, models: results })}\n`
}

function asTable(
  results: readonly ContenderResult[],
  { valid, floor, memoryFloor, memoryPositions }: BothTexts,
): string {
  const memory = (perplexity?: number) =>
    memoryPositions ? [perplexity === undefined ? '' : formatPerplexity(perplexity)] : []
  const rows = [
    ['', 'training', 'weights', 'words/s', 'perplexity', ...(memoryPositions ? ['memory words'] : [])],
    ...results.map(({ contender, description, recipe, parameters, ...measured }) => [
      `${contender}: ${description}`,
      recipe,
      formatCount(parameters),
      measured.wordsPerSecond === undefined ? '' : formatCount(measured.wordsPerSecond),
      formatPerplexity(measured.perplexity),
      ...memory(measured.memoryPerplexity),
    ]),
    ...(floor === undefined ? [] : [['floor', '', '', '', formatPerplexity(floor), ...memory(memoryFloor)]]),
  ]
  const held = `held out: ${formatCount(valid.length - 1)} words`
  const asked = memoryPositions
    ? `, of which ${memoryPositions.length} need a long memory: there the right word is one of ${countDifferent(valid, memoryPositions)}`
    : ''
  return `${alignedColumns(rows)}\n${held}${asked}\n`
}

function countDifferent(ids: Int32Array, places: Int32Array): number {
  return new Set(places.map((place) => ids[place]!)).size
}
