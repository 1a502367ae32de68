/** The settings of a language model: the one list that its options, training jobs, presets and checkpoints derive from. */
import { flag, integer, oneOf, setting } from '../setting-kinds.ts'
import { checkDropoutRatio } from '../tensor/ops/dropout.ts'
import { CELL_NAMES } from './cells.ts'

/** `isFixed`: the weights depend on it, so that it cannot change once a model is trained. */
export const MODEL_SETTINGS = {
  /** The type of the recurrent layers. */
  cell: setting(oneOf('cell', CELL_NAMES), `type of the recurrent layers: ${CELL_NAMES.join(', ')}`, {
    isFixed: true,
  }),
  /** The number of stacked recurrent layers. */
  layers: setting(integer('count'), 'number of stacked recurrent layers', { default: 1, isFixed: true }),
  /** D: the size of the word vectors. */
  wordvecSize: setting(integer('D'), 'size of the word vectors', { default: 100, isFixed: true }),
  /** H: the size of the hidden state. */
  hiddenSize: setting(integer('H'), 'size of the hidden state', { default: 100, isFixed: true }),
  /** The dropout probability, in [0, 1). */
  dropout: setting({ placeholder: 'p', isNumber: true, check: checkDropoutRatio }, 'dropout probability', {
    default: 0,
  }),
  /** Whether the output layer uses the embedding as its weights; D and H must be equal. */
  tieWeights: setting(flag, 'use the embedding as the weights of the output layer (requires D = H)', {
    default: false,
    isFixed: true,
  }),
}

type Table = typeof MODEL_SETTINGS
type Name = keyof Table
type NameWithDefault = { [N in Name]: Table[N] extends { default: unknown } ? N : never }[Name]

export type ModelSettings = { [N in Name]: ReturnType<Table[N]['check']> }
/** Settings that may leave out those with a default. */
export type GivenModelSettings = Omit<ModelSettings, NameWithDefault> &
  Partial<Pick<ModelSettings, NameWithDefault>>

export const MODEL_SETTING_NAMES = Object.keys(MODEL_SETTINGS) as Name[]
export const FIXED_MODEL_SETTINGS = MODEL_SETTING_NAMES.filter((name) => 'isFixed' in MODEL_SETTINGS[name])

/** The settings of the model among others. */
export function modelSettingsOf(settings: ModelSettings): ModelSettings {
  const picked = MODEL_SETTING_NAMES.map((name) => [name, settings[name]])
  return Object.fromEntries(picked) as ModelSettings
}

/** Checks the settings, and adds the defaults of those that are missing. */
export function settleModelSettings(operation: string, given: GivenModelSettings): ModelSettings {
  const settled = MODEL_SETTING_NAMES.map((name) => {
    const { check, ...traits }: { check: Table[Name]['check']; default?: unknown } = MODEL_SETTINGS[name]
    const { [name]: value = traits.default } = given
    return [name, check(operation, name, value)]
  })
  return Object.fromEntries(settled) as ModelSettings
}
