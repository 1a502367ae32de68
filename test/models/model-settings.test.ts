import { expect, it } from 'vitest'
import { DEFAULTS, SETTING_NAMES } from '../../src/jobs/settings.ts'
import {
  FIXED_MODEL_SETTINGS,
  LanguageModel,
  MODEL_SETTING_NAMES,
  modelSettingsOf,
} from '../../src/models/index.ts'

it('are options of a model, with the same defaults as in a training job', () => {
  const { vocabSize, seed, ...options } = new LanguageModel({ cell: 'rnn', vocabSize: 3 }).options
  expect([vocabSize, seed]).toEqual([3, 0])
  expect(Object.keys(options)).toEqual(MODEL_SETTING_NAMES)
  for (const [name, value] of Object.entries(options))
    if (name !== 'cell') expect(DEFAULTS).toHaveProperty(name, value)
})

it('are settings of a training job, in one run', () => {
  const first = SETTING_NAMES.indexOf(MODEL_SETTING_NAMES[0]!)
  expect(SETTING_NAMES.slice(first, first + MODEL_SETTING_NAMES.length)).toEqual(MODEL_SETTING_NAMES)
})

it('can be picked out of others', () => {
  const { options } = new LanguageModel({ cell: 'gru', vocabSize: 3, hiddenSize: 7, seed: 5 })
  expect(modelSettingsOf(options)).toEqual({
    cell: 'gru',
    layers: 1,
    wordvecSize: 100,
    hiddenSize: 7,
    dropout: 0,
    tieWeights: false,
  })
})

it('are fixed by the weights, except dropout', () => {
  expect(FIXED_MODEL_SETTINGS).toEqual(MODEL_SETTING_NAMES.filter((name) => name !== 'dropout'))
})
