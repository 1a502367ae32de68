/**
 * The settings of a training job, which come from the command line, a configuration file or a preset. One table defines
 * the type, the allowed values and the help text of each.
 */
import { checkInteger, checkNumber } from '../checks.ts'
import { rangeError, typeError, unknownOption } from '../errors.ts'
import { CELL_NAMES } from '../models/index.ts'
import { OPTIMIZER_NAMES, optimizersWith } from '../optim/index.ts'

/** The type of a setting. */
export interface Kind<Value> {
  /** Name of the value in `--help`; undefined for flags. */
  placeholder?: string
  isNumber?: boolean
  /** Returns the value if it is allowed; throws otherwise. */
  check: (argument: string, value: unknown) => Value
}

const OPERATION = 'settings'

const text = (placeholder: string): Kind<string> => ({
  placeholder,
  check: (argument, value) => {
    if (typeof value !== 'string' || value === '')
      throw typeError(OPERATION, argument, 'a non-empty string', value)
    return value
  },
})

const integer = (placeholder: string, minimum = 1): Kind<number> => ({
  placeholder,
  isNumber: true,
  check: (argument, value) => checkInteger(OPERATION, argument, value, minimum),
})

const amount = (placeholder: string, minimum = 0, maximum = Infinity): Kind<number> => ({
  placeholder,
  isNumber: true,
  check: (argument, value) => checkNumber(OPERATION, argument, value, minimum, maximum),
})

/** A positive number; null, or "none" on the command line, for no limit. */
const limit = (placeholder: string): Kind<number | null> => ({
  placeholder,
  isNumber: true,
  check: (argument, value) => {
    if (value === null || value === 'none') return null
    const expected = 'a number above 0, or none'
    if (typeof value !== 'number') throw typeError(OPERATION, argument, expected, value)
    if (!(value > 0 && value < Infinity)) throw rangeError(OPERATION, argument, expected, value)
    return value
  },
})

const flag: Kind<boolean> = {
  check: (argument, value) => {
    if (typeof value !== 'boolean') throw typeError(OPERATION, argument, 'true or false', value)
    return value
  },
}

const oneOf = <const Choice extends string>(placeholder: string, ...choices: Choice[]): Kind<Choice> => ({
  placeholder,
  check: (argument, value) => {
    if (!choices.includes(value as Choice)) throw rangeError(OPERATION, argument, choices.join(', '), value)
    return value as Choice
  },
})

const setting = <Value>(kind: Kind<Value>, help: string) => ({ ...kind, help })

/** All settings, in the order of `--help`. */
export const SETTINGS = {
  data: setting(
    text('source'),
    'training text: "builtin" (generated stories), "ptb" (Penn Treebank), a text file, or - for standard input',
  ),
  valid: setting(text('file'), 'validation text, evaluated after each epoch'),
  test: setting(text('file'), 'test text, evaluated with the best weights at the end'),
  split: setting(
    amount('fraction', 0, 1),
    'fraction of the text to hold out for validation (default: 0.05 for a text file)',
  ),
  unit: setting(oneOf('token', 'word', 'character'), 'unit of tokens: word or character'),
  minCount: setting(integer('count'), 'replace tokens that occur fewer times than this with <unk>'),
  maxVocabSize: setting(
    integer('count', 2),
    'keep only the most frequent tokens; replace the others with <unk>',
  ),
  limit: setting(integer('words', 2), 'read only this many words of the text'),
  initFrom: setting(
    text('job'),
    'start from the weights of this job or checkpoint; new words are added to its vocabulary',
  ),
  cell: setting(oneOf('cell', ...CELL_NAMES), `type of the recurrent layers: ${CELL_NAMES.join(', ')}`),
  layers: setting(integer('count'), 'number of stacked recurrent layers'),
  wordvecSize: setting(integer('D'), 'size of the word vectors'),
  hiddenSize: setting(integer('H'), 'size of the hidden state'),
  dropout: setting(amount('p', 0, 1), 'dropout probability'),
  tieWeights: setting(flag, 'use the embedding as the weights of the output layer (requires D = H)'),
  seed: setting(integer('number', 0), 'random seed for initial weights and dropout'),
  optimizer: setting(oneOf('name', ...OPTIMIZER_NAMES), `optimizer: ${OPTIMIZER_NAMES.join(', ')}`),
  lr: setting(amount('rate'), 'learning rate'),
  weightDecay: setting(
    amount('factor'),
    `weight decay factor, multiplied by the learning rate (${optimizersWith('weightDecay').join(', ')})`,
  ),
  maxGrad: setting(limit('norm'), 'clip gradients to this global norm; none: do not clip'),
  batchSize: setting(integer('N'), 'batch size: number of streams that are read in parallel'),
  timeSize: setting(integer('T'), 'time steps per block (truncated backpropagation)'),
  maxEpoch: setting(integer('count'), 'number of epochs'),
  epochSize: setting(
    integer('words'),
    'end each epoch after this many words; the next epoch continues from there',
  ),
  stateReset: setting(
    amount('P', 0, 1),
    'probability that a stream starts a training block from a zero state (default: 0; preset text: 0.1)',
  ),
  lrDecay: setting(
    amount('factor', 1),
    'divide the learning rate by this factor when the validation perplexity does not improve (1: never)',
  ),
  lrPatience: setting(integer('epochs'), 'number of epochs without improvement before --lr-decay applies'),
  patience: setting(integer('epochs'), 'early stopping: stop after this many epochs without improvement'),
  stopWhenDiverged: setting(
    flag,
    'fail if the perplexity of an epoch is far above that of word frequencies (default: warn)',
  ),
  warmup: setting(integer('iterations', 0), 'increase the learning rate linearly over this many iterations'),
  schedule: setting(oneOf('course', 'constant', 'cosine'), 'learning rate schedule: constant or cosine'),
  precision: setting(
    oneOf('name', 'highest', 'high', 'medium'),
    'precision of matrix multiplications: highest (float32), high or medium (bfloat16, if that is faster)',
  ),
  saveInterval: setting(amount('minutes'), 'minutes between checkpoints within an epoch'),
} as const

type Table = typeof SETTINGS
export type SettingName = keyof Table
export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[]

/** Any subset of the settings. */
export type GivenSettings = { [Name in SettingName]?: ReturnType<Table[Name]['check']> }

/** The settings that always have a value. Others are absent unless given. */
type Settled =
  | 'data'
  | 'cell'
  | 'layers'
  | 'wordvecSize'
  | 'hiddenSize'
  | 'dropout'
  | 'tieWeights'
  | 'seed'
  | 'optimizer'
  | 'lr'
  | 'batchSize'
  | 'timeSize'
  | 'maxEpoch'
  | 'lrDecay'
  | 'warmup'
  | 'schedule'
  | 'precision'
  | 'saveInterval'

export type JobSettings = GivenSettings & Required<Pick<GivenSettings, Settled>>

/** Settings that the preset `text` chooses after the text has been read. */
export type OpenName =
  | 'hiddenSize'
  | 'wordvecSize'
  | 'tieWeights'
  | 'dropout'
  | 'lr'
  | 'batchSize'
  | 'timeSize'
  | 'maxEpoch'

/** Settings in which those of `OpenName` may be missing. */
export type OpenSettings = GivenSettings & Required<Pick<GivenSettings, Exclude<Settled, OpenName>>>

/** Settings that may change when a job is resumed: to recover from divergence, train longer or find texts that have moved. */
export const RESUME_SETTINGS = ['lr', 'maxEpoch', 'data', 'valid', 'test'] as const
export type ResumeSettings = Pick<GivenSettings, (typeof RESUME_SETTINGS)[number]>

/** Checks settings that may come from a file. Unknown names are errors. */
export function checkSettings(given: unknown): GivenSettings {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw typeError(OPERATION, 'settings', 'an object', given)
  const checked = Object.entries(given).map(([name, value]) => {
    if (!Object.hasOwn(SETTINGS, name)) throw unknownOption(OPERATION, name, SETTING_NAMES)
    return [name, value === undefined ? undefined : SETTINGS[name as SettingName].check(name, value)]
  })
  return Object.fromEntries(checked.filter(([, value]) => value !== undefined))
}
