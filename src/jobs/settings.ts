/**
 * The settings of a training job, as the command line, a configuration file and a preset give them: one table says what
 * each is, what it may be and what it is for.
 */
import { checkInteger, checkNumber } from '../checks.ts'
import { rangeError, typeError } from '../errors.ts'
import { CELL_NAMES } from '../models/index.ts'
import { OPTIMIZER_NAMES, optimizersWith } from '../optim/index.ts'

/** What a setting may be. */
export interface Kind<Value> {
  /** How `--help` shows the value; flags that are on or off have none. */
  placeholder?: string
  isNumber?: boolean
  /** Returns the value where it may be one; throws otherwise. */
  check: (argument: string, value: unknown) => Value
}

const OPERATION = 'settings'

const text = (placeholder: string): Kind<string> => ({
  placeholder,
  check: (argument, value) => {
    if (typeof value !== 'string' || value === '') throw typeError(OPERATION, argument, 'a text', value)
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

/** Null, or "none" where it is typed, for no limit. */
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

/** All settings in the order in which they are shown. */
export const SETTINGS = {
  data: setting(
    text('source'),
    '"builtin" (little stories), "ptb" (Penn Treebank), a text file, or - for standard input',
  ),
  valid: setting(text('file'), 'text that the model is measured on while it learns'),
  test: setting(text('file'), 'text that the best model is measured on at the end'),
  split: setting(
    amount('fraction', 0, 1),
    'part of the text that is held out for validation (0.05 of your own text)',
  ),
  unit: setting(oneOf('token', 'word', 'character'), 'what a token is: word or character'),
  minCount: setting(integer('count'), 'rarer tokens become <unk>'),
  maxVocabSize: setting(
    integer('count', 2),
    'keep at most this many tokens, the most frequent ones; others become <unk>',
  ),
  limit: setting(integer('words', 2), 'read only this many words of the text'),
  initFrom: setting(
    text('job'),
    'start from the weights of this job or checkpoint; new words are added to its vocabulary',
  ),
  cell: setting(oneOf('cell', ...CELL_NAMES), `cell of the recurrent layers: ${CELL_NAMES.join(', ')}`),
  layers: setting(integer('count'), 'recurrent layers, one above the other'),
  wordvecSize: setting(integer('D'), 'length of a word vector'),
  hiddenSize: setting(integer('H'), 'length of the hidden state'),
  dropout: setting(amount('ratio', 0, 1), 'chance of an element to be left out in training'),
  tieWeights: setting(flag, 'share the weights of the embedding with the last layer (D = H)'),
  seed: setting(integer('number', 0), 'seed of the initial weights and of dropout'),
  optimizer: setting(oneOf('name', ...OPTIMIZER_NAMES), OPTIMIZER_NAMES.join(', ')),
  lr: setting(amount('rate'), 'learning rate'),
  weightDecay: setting(
    amount('factor'),
    `what weights lose at each update, as a multiple of the learning rate (${optimizersWith('weightDecay').join(', ')})`,
  ),
  maxGrad: setting(limit('norm'), 'clip gradients to this norm; none: leave them as they are'),
  batchSize: setting(integer('N'), 'streams read side by side'),
  timeSize: setting(integer('T'), 'steps of truncated back-propagation'),
  maxEpoch: setting(integer('count'), 'epochs: times through the text'),
  epochSize: setting(
    integer('words'),
    'end an epoch after this many words, if the text has more; the next one reads what follows',
  ),
  stateReset: setting(
    amount('P', 0, 1),
    'chance of a stream to begin a block from a zero state in training (0, or 0.1 with the preset text)',
  ),
  lrDecay: setting(
    amount('factor', 1),
    'divide the learning rate by this when validation does not improve (1: never)',
  ),
  lrPatience: setting(integer('epochs'), 'do so only after this many epochs in a row without improvement'),
  patience: setting(integer('epochs'), 'stop after this many epochs in a row without improvement'),
  stopWhenDiverged: setting(
    flag,
    'end with an error after an epoch far above the perplexity of word frequencies (default: warn)',
  ),
  warmup: setting(integer('iterations', 0), 'let the learning rate rise over the first iterations'),
  schedule: setting(oneOf('course', 'constant', 'cosine'), 'course of the learning rate: constant or cosine'),
  precision: setting(
    oneOf('name', 'highest', 'high', 'medium'),
    'of products: highest (float32), high or medium (bfloat16, where that is faster)',
  ),
  saveInterval: setting(amount('minutes'), 'time between checkpoints within an epoch'),
} as const

type Table = typeof SETTINGS
export type SettingName = keyof Table
export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[]

/** Settings as somebody gave them: any of them. */
export type GivenSettings = { [Name in SettingName]?: ReturnType<Table[Name]['check']> }

/** Those that always have a value; the others are left out where nobody gave them. */
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

/** What depends on the text; the preset `text` leaves it open until the text has been read. */
export type OpenName =
  | 'hiddenSize'
  | 'wordvecSize'
  | 'tieWeights'
  | 'dropout'
  | 'lr'
  | 'batchSize'
  | 'timeSize'
  | 'maxEpoch'

/** Settings that may leave some open. */
export type OpenSettings = GivenSettings & Required<Pick<GivenSettings, Exclude<Settled, OpenName>>>

/** What may be changed when a job is resumed: after divergence, to train longer, or because the same texts have moved. */
export const RESUME_SETTINGS = ['lr', 'maxEpoch', 'data', 'valid', 'test'] as const
export type ResumeSettings = Pick<GivenSettings, (typeof RESUME_SETTINGS)[number]>

/** Checks settings that may come from a file; unknown names are refused. */
export function checkSettings(given: unknown): GivenSettings {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw typeError(OPERATION, 'settings', 'an object', given)
  const checked = Object.entries(given).map(([name, value]) => {
    if (!Object.hasOwn(SETTINGS, name))
      throw rangeError(OPERATION, name, `one of ${SETTING_NAMES.join(', ')}`, 'a setting that does not exist')
    return [name, value === undefined ? undefined : SETTINGS[name as SettingName].check(name, value)]
  })
  return Object.fromEntries(checked.filter(([, value]) => value !== undefined))
}
