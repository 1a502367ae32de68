/** `rnnlm eval`: the perplexity of a text under a trained model. */
import { Command, Option } from 'commander'
import { loadTexts } from '../data/texts.ts'
import { storedTextsOf } from '../jobs/job-texts.ts'
import { type LoadedModel, loadModel } from '../jobs/load-model.ts'
import { WEIGHT_FORMATS, type WeightFormat } from '../layers/index.ts'
import { bitsOf, formatCount, formatPerplexity, formatShare } from '../report/format.ts'
import { type Evaluation, evalPerplexity } from '../train/index.ts'
import { interruptible } from './interrupt.ts'
import { print } from './output.ts'
import { integer } from './values.ts'

const PARTS = ['test', 'valid', 'train'] as const
type Part = (typeof PARTS)[number]

interface EvalFlags {
  data?: string
  split?: Part
  tail: 'score' | 'drop'
  batchSize: number
  timeSize: number
  weights?: WeightFormat
  json?: boolean
}

interface EvaluationText {
  data: string
  /** Set if `data` has several parts. */
  part?: Part
  corpus: Int32Array
}

export function evalCommand(): Command {
  const command = new Command('eval')
    .description('Measures the perplexity of a text under a trained model.')
    .argument('<checkpoint>', 'checkpoint file, or job folder (its best checkpoint is used)')
    .option(
      '--data <source>',
      '"builtin", "ptb", a text file, or - for standard input (default: the text of the job)',
    )
    .addOption(
      new Option(
        '--split <part>',
        'part of the text to evaluate (default: test if there is one, else valid, else train)',
      ).choices(PARTS),
    )
    .addOption(
      new Option('--tail <what>', 'whether to score the tokens after the last full block')
        .choices(['score', 'drop'])
        .default('score'),
    )
    .option(
      '--batch-size <N>',
      'number of streams that are read in parallel, each from a zero state',
      integer(1),
      10,
    )
    .option('--time-size <T>', 'time steps per block', integer(1), 35)
    .addOption(
      new Option(
        '--weights <format>',
        'round the weights first, to see what smaller ones cost (default: the model as it was trained)',
      ).choices(WEIGHT_FORMATS),
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
The perplexity is exp(cross-entropy), where the cross-entropy is the mean of -log P(token | previous tokens of its stream).
Every token of the text except the first is scored once. With --batch-size 1, the text is read as one stream. Unknown words
are scored as <unk>; a model without <unk> reports an error.

Examples:
  rnnlm eval novel
  rnnlm eval novel/last.safetensors --data other.txt --batch-size 1
  rnnlm eval better --data ptb --split test --tail drop
  rnnlm eval novel --weights int8`,
    )
  return command.action((checkpoint: string, flags: EvalFlags) =>
    interruptible(async (signal) => {
      if (flags.split && flags.data !== undefined && !hasParts(flags.data))
        command.error(
          'error: --split requires "ptb", "builtin" or the text of the job; other files are read whole',
        )
      const loaded = loadModel(checkpoint)
      const text = await loadText(loaded, flags, signal)
      const { batchSize, timeSize, tail, weights } = flags
      const model = weights === undefined ? loaded.model : loaded.model.freeze({ weights })
      const evaluation = await evalPerplexity(model, text.corpus, {
        batchSize,
        timeSize,
        tail,
        vocabulary: loaded.vocabulary,
        signal,
      })
      const isOfCharacters = loaded.vocabulary.unit === 'character'
      await print(
        flags.json ? asJson(text, evaluation, isOfCharacters) : describe(text, evaluation, isOfCharacters),
      )
    }),
  )
}

function hasParts(data: string): boolean {
  return data === 'ptb' || data === 'builtin'
}

async function loadText(
  { settings, vocabulary, path }: LoadedModel,
  flags: EvalFlags,
  signal: AbortSignal,
): Promise<EvaluationText> {
  if (flags.data !== undefined && !hasParts(flags.data)) {
    const { train } = await loadTexts({ data: flags.data, split: 0, vocabulary, signal })
    return { data: flags.data, corpus: train }
  }
  const { data, valid, test, split, limit } = flags.data === undefined ? settings : { data: flags.data }
  if (data === undefined)
    throw new Error(`${path} does not say what it was trained on: name a text with --data`)
  const stored = flags.data === undefined ? await storedTextsOf({ path, vocabulary }, signal) : undefined
  const texts = stored ?? (await loadTexts({ data, valid, test, split, limit, vocabulary, signal }))
  const parts = PARTS.filter((part) => texts[part] !== undefined)
  const part = flags.split ?? parts[0]!
  const corpus = texts[part]
  if (!corpus) throw new Error(`${data} has no part ${part}, but ${parts.join(' and ')}`)
  return { data, part, corpus }
}

function describe(
  { data, part, corpus }: EvaluationText,
  evaluation: Evaluation,
  isOfCharacters: boolean,
): string {
  const { perplexity, crossEntropy, tokens, unknown = 0 } = evaluation
  const unit = isOfCharacters ? 'character' : 'word'
  const dropped = corpus.length - 1 - tokens
  const lines = [
    ['text', part === undefined ? data : `${data} (${part})`],
    ['perplexity', formatPerplexity(perplexity)],
    ['cross-entropy', `${crossEntropy.toFixed(4)} nats per ${unit}`],
    ...(isOfCharacters ? [['bits', `${bitsOf(crossEntropy).toFixed(4)} per character`]] : []),
    [
      'scored',
      `${formatCount(tokens)} of ${formatCount(corpus.length)} ${unit}s: the first is not scored` +
        (dropped > 0 ? `, and ${formatCount(dropped)} do not fill a block` : ''),
    ],
    ...(unknown > 0
      ? [['unknown', `${formatCount(unknown)} of them (${formatShare(unknown, tokens)}), scored as <unk>`]]
      : []),
  ]
  return lines.map(([name, value]) => `${name!.padEnd(14)} ${value}\n`).join('')
}

function asJson(
  { data, part, corpus }: EvaluationText,
  evaluation: Evaluation,
  isOfCharacters: boolean,
): string {
  const { perplexity, crossEntropy, tokens, unknown } = evaluation
  const bitsPerCharacter = isOfCharacters ? bitsOf(crossEntropy) : undefined
  const figures = {
    data,
    split: part,
    perplexity,
    crossEntropy,
    bitsPerCharacter,
    tokens,
    unknown,
    textTokens: corpus.length,
  }
  return `${JSON.stringify(figures)}\n`
}
