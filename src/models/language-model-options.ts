/** The options of a language model, and the sizes that follow from them. */
import { checkInteger, checkOptions } from '../checks.ts'
import { rangeError } from '../errors.ts'
import type { Shape } from '../tensor/index.ts'
import { cellOf } from './cells.ts'
import { type GivenModelSettings, MODEL_SETTING_NAMES, settleModelSettings } from './model-settings.ts'

/** What `new LanguageModel` takes. */
export interface LanguageModelOptions extends GivenModelSettings {
  /** V: the number of different tokens. */
  vocabSize: number
  /** Seed of the initial values and of dropout; the same seed gives the same numbers on every machine. */
  seed?: number | bigint
}

/** The names and shapes of a model's parameters in the order of `namedParams`; nothing is allocated. */
export function* parameterShapes(options: LanguageModelOptions): Generator<[name: string, shape: Shape]> {
  const settled = settleOptions('LanguageModel', options)
  const { cell, layers, vocabSize: V, wordvecSize: D, hiddenSize: H, tieWeights } = settled
  yield ['embedding.W', [V, D]]
  for (let i = 0; i < layers; i++) {
    for (const { name, shape } of cellOf(cell).parameters)
      yield [`recurrent.${i}.${name}`, shape(i === 0 ? D : H, H)]
  }
  if (!tieWeights) yield ['affine.W', [H, V]]
  yield ['affine.b', [V]]
}

/** The names and sizes of the tensors of each layer's state in order, given options that are valid. */
export function stateSizes(options: LanguageModelOptions): [name: string, size: number][][] {
  const { cell, layers, wordvecSize: D, hiddenSize: H } = settleOptions('LanguageModel', options)
  const states = Object.entries(cellOf(cell).states)
  return Array.from({ length: layers }, (_, i) =>
    states.map(([name, size]) => [name, size(i === 0 ? D : H, H)]),
  )
}

const OPTION_NAMES: readonly (keyof LanguageModelOptions)[] = ['vocabSize', ...MODEL_SETTING_NAMES, 'seed']

/** The options with their defaults, checked. @param name of the class, for errors */
export function settleOptions(name: string, options: LanguageModelOptions): Required<LanguageModelOptions> {
  const { vocabSize, seed = 0 } = checkOptions(name, options, OPTION_NAMES)
  checkInteger(name, 'vocabSize', vocabSize)
  const settings = settleModelSettings(name, options)
  const { tieWeights, wordvecSize, hiddenSize } = settings
  if (tieWeights && wordvecSize !== hiddenSize) {
    throw rangeError(name, 'hiddenSize', `${wordvecSize}, as wordvecSize, since weights are tied`, hiddenSize)
  }
  return { vocabSize, ...settings, seed }
}
