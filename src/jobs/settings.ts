/**
 * The settings of a training job, which come from the command line, a configuration file or a preset. One table defines
 * the type, the allowed values and the help text of each.
 */
import { isObject } from '../checks.ts'
import { LARGEST_SPLIT } from '../data/texts.ts'
import { UNITS } from '../data/tokenizer.ts'
import { typeError, unknownOption } from '../errors.ts'
import { MODEL_SETTINGS } from '../models/index.ts'
import { OPTIMIZER_NAMES, optimizersWith } from '../optim/index.ts'
import { amount, flag, integer, type Kind, limit, oneOf, setting, text } from '../setting-kinds.ts'
import { PRECISIONS } from '../tensor/index.ts'

const OPERATION = 'settings'

/** All settings, in the order of `--help`. */
export const SETTINGS = {
  data: setting(
    text('source'),
    'training text: "builtin" (generated stories), "ptb" (Penn Treebank), a text file, or - for standard input',
    { default: 'builtin' },
  ),
  valid: setting(text('file'), 'validation text, evaluated after each epoch'),
  test: setting(text('file'), 'test text, evaluated with the best weights at the end'),
  split: setting(
    amount('fraction', 0, LARGEST_SPLIT),
    'fraction of the text to hold out for validation (default: 0.05 for a text file)',
  ),
  unit: setting(oneOf('token', UNITS), `unit of tokens: ${UNITS.join(' or ')}`),
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
  ...MODEL_SETTINGS,
  seed: setting(integer('number', 0), 'random seed for initial weights and dropout', { default: 0 }),
  optimizer: setting(oneOf('name', OPTIMIZER_NAMES), `optimizer: ${OPTIMIZER_NAMES.join(', ')}`, {
    default: 'sgd',
  }),
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
    { default: 4 },
  ),
  lrPatience: setting(integer('epochs'), 'number of epochs without improvement before --lr-decay applies'),
  patience: setting(integer('epochs'), 'early stopping: stop after this many epochs without improvement'),
  stopWhenDiverged: setting(
    flag,
    'fail if the perplexity of an epoch is far above that of word frequencies (default: warn)',
  ),
  warmup: setting(integer('iterations', 0), 'increase the learning rate linearly over this many iterations', {
    default: 0,
  }),
  schedule: setting(oneOf('course', ['constant', 'cosine']), 'learning rate schedule: constant or cosine', {
    default: 'constant',
  }),
  precision: setting(
    oneOf('name', PRECISIONS),
    'precision of matrix multiplications: highest (float32), high or medium (bfloat16, if that is faster)',
    { default: 'highest' },
  ),
  saveInterval: setting(amount('minutes'), 'minutes between checkpoints within an epoch', { default: 10 }),
} as const

type Table = typeof SETTINGS
export type SettingName = keyof Table
export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[]

/** Any subset of the settings. */
export type GivenSettings = { [Name in SettingName]?: ReturnType<Table[Name]['check']> }

type NameWithDefault = {
  [Name in SettingName]: Table[Name] extends { default: unknown } ? Name : never
}[SettingName]

/** The settings that always have a value, by their own default or by that of the cell. Others are absent unless given. */
type Settled = NameWithDefault | 'cell' | 'lr' | 'batchSize' | 'timeSize' | 'maxEpoch'

/** The defaults that do not depend on the cell. */
export const DEFAULTS = Object.fromEntries(
  SETTING_NAMES.flatMap((name) => {
    const { default: value }: Kind<unknown> & { default?: unknown } = SETTINGS[name]
    return value === undefined ? [] : [[name, value]]
  }),
) as Required<Pick<GivenSettings, NameWithDefault>>

export type JobSettings = GivenSettings & Required<Pick<GivenSettings, Settled>>

/** Settings that the preset `text` chooses after the text has been read. */
export const OPEN_SETTINGS = [
  'hiddenSize',
  'wordvecSize',
  'tieWeights',
  'dropout',
  'lr',
  'batchSize',
  'timeSize',
  'maxEpoch',
] as const satisfies SettingName[]
type OpenName = (typeof OPEN_SETTINGS)[number]

/** Settings in which those of `OPEN_SETTINGS` may be missing. */
export type OpenSettings = GivenSettings & Required<Pick<GivenSettings, Exclude<Settled, OpenName>>>

/** Settings that may change when a job is resumed: to recover from divergence, train longer or find texts that have moved. */
export const RESUME_SETTINGS = ['lr', 'maxEpoch', 'data', 'valid', 'test'] as const
export type ResumeSettings = Pick<GivenSettings, (typeof RESUME_SETTINGS)[number]>

/** Settings that suit one cell and one optimizer, and no other. */
export const RECIPE_SETTINGS: readonly SettingName[] = [
  'batchSize',
  'timeSize',
  'lr',
  'lrDecay',
  'warmup',
  'schedule',
  'weightDecay',
  'maxGrad',
]

/** Settings that describe a text, not how to train. */
export const TEXT_SETTINGS: readonly SettingName[] = ['data', 'valid', 'test', 'split', 'limit', 'epochSize']

/** Checks settings that may come from a file. Unknown names are errors. */
export function checkSettings(given: unknown): GivenSettings {
  if (!isObject(given)) throw typeError(OPERATION, 'settings', 'an object', given)
  const checked = Object.entries(given).map(([name, value]) => {
    if (!Object.hasOwn(SETTINGS, name)) throw unknownOption(OPERATION, name, SETTING_NAMES)
    const { check } = SETTINGS[name as SettingName]
    return [name, value === undefined ? undefined : check(OPERATION, name, value)]
  })
  return Object.fromEntries(checked.filter(([, value]) => value !== undefined))
}
