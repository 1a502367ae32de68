/**
 * Presets and defaults of training jobs. Defaults depend on the cell, because the learning rate and clipping of an LSTM
 * do not work for a plain RNN.
 */
import { isFile } from '../data/texts.ts'
import { rangeError } from '../errors.ts'
import { CELLS, cellOf } from '../models/index.ts'
import { OPTIMIZERS } from '../optim/index.ts'
import {
  checkSettings,
  DEFAULTS,
  type GivenSettings,
  type JobSettings,
  OPEN_SETTINGS,
  type OpenSettings,
  RECIPE_SETTINGS,
} from './settings.ts'

/** Words that occur once are replaced with `<unk>`, so that the model learns to predict unknown words. */
const LEAST_COUNT = 2

export const PRESETS: Readonly<Record<string, GivenSettings>> = {
  /** The seed experiment ("Deep Learning from Scratch 2", ch. 5.5). */
  seed: { cell: 'rnn', ...CELLS.rnn.training },
  /** A text file. Size and training of the model depend on the text (see text-recipe.ts). */
  text: {
    minCount: LEAST_COUNT,
    maxVocabSize: 10_000,
    optimizer: 'adam',
    schedule: 'cosine',
    lrDecay: 1,
    maxGrad: 1,
    stateReset: 0.1,
  },
  /** SimpleRnnlm on built-in stories. Each epoch reads new stories, so the model does not overfit. */
  stories: {
    data: 'builtin',
    limit: 1_500_000,
    epochSize: 100_000,
    cell: 'rnn',
    batchSize: 10,
    timeSize: 10,
    lr: 4,
    lrDecay: 1,
    schedule: 'cosine',
    maxGrad: 0.25,
    maxEpoch: 15,
  },
  /** The best plain RNN: short blocks, since its gradients do not reach far, and many steps. */
  'simple-rnnlm': {
    data: 'ptb',
    cell: 'rnn',
    wordvecSize: 250,
    hiddenSize: 250,
    tieWeights: true,
    dropout: 0.25,
    optimizer: 'adam',
    lr: 0.001,
    schedule: 'cosine',
    warmup: 200,
    lrDecay: 1,
    maxGrad: 1,
    batchSize: 10,
    timeSize: 10,
    maxEpoch: 8,
  },
  /** The book's Rnnlm (ch. 6.4). */
  rnnlm: { data: 'ptb', cell: 'lstm', maxEpoch: 4, lrDecay: 1 },
  'gru-rnnlm': { data: 'ptb', cell: 'gru', maxEpoch: 4, lrDecay: 1 },
  /** The book's BetterRnnlm (ch. 6.5), after PyTorch's word_language_model, with the weight decay of Merity et al. 2018. */
  'better-rnnlm': {
    data: 'ptb',
    cell: 'lstm',
    layers: 2,
    wordvecSize: 650,
    hiddenSize: 650,
    dropout: 0.5,
    tieWeights: true,
    weightDecay: 1.2e-6,
    maxEpoch: 40,
  },
}

/**
 * The default preset: `text` for a text file; `stories` for the built-in text, unless the settings limit its length or
 * vocabulary.
 */
export function defaultPreset(given: GivenSettings): string | undefined {
  const { data = DEFAULTS.data, limit, unit, minCount, maxVocabSize } = given
  if (isFile(data)) return 'text'
  const isWhole = [limit, unit, minCount, maxVocabSize].every((value) => value === undefined)
  return data === 'builtin' && isWhole ? 'stories' : undefined
}

/**
 * Completes settings: given settings override the preset, which overrides the defaults of the cell. If the given cell
 * or optimizer differs from that of the preset, the training settings of the preset are replaced with the defaults.
 */
export function resolveSettings(given: GivenSettings): JobSettings
/**
 * With a preset, words of a text file that occur once become `<unk>`. The preset `text` omits settings that
 * `TrainingJob.create` derives from the text.
 */
export function resolveSettings(given: GivenSettings, preset: string | undefined): OpenSettings
export function resolveSettings(given: GivenSettings, preset?: string): OpenSettings {
  const checked = checkSettings(given)
  const wanted = { ...settingsOf(preset, checked), ...checked }
  const { cell = preset === 'text' ? 'lstm' : 'rnn', optimizer = DEFAULTS.optimizer } = wanted
  const ofCell = cellOf(cell).training
  const lr = OPTIMIZERS[optimizer].defaultRate(ofCell.lr)
  const defaults: GivenSettings = { ...DEFAULTS, ...ofCell, lr }
  if (preset !== undefined && isFile(wanted.data ?? DEFAULTS.data)) defaults.minCount = LEAST_COUNT
  if (preset === 'text') for (const name of openNames(optimizer)) delete defaults[name]
  return { ...(defaults as OpenSettings), ...wanted, cell, optimizer }
}

/** If the optimizer differs from that of the preset, the training settings have defaults. */
function openNames(optimizer: string): readonly (keyof GivenSettings)[] {
  if (optimizer === PRESETS.text!.optimizer) return OPEN_SETTINGS
  return OPEN_SETTINGS.filter((name) => !RECIPE_SETTINGS.includes(name))
}

function settingsOf(preset: string | undefined, given: GivenSettings): GivenSettings {
  if (preset === undefined) return {}
  if (!Object.hasOwn(PRESETS, preset))
    throw rangeError('settings', 'preset', Object.keys(PRESETS).join(', '), preset)
  const settings = { ...PRESETS[preset] }
  const { cell = given.cell, optimizer = DEFAULTS.optimizer } = settings
  if ((given.cell ?? cell) !== cell || (given.optimizer ?? optimizer) !== optimizer)
    for (const name of RECIPE_SETTINGS) delete settings[name]
  return settings
}
