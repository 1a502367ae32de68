import { expect, it } from 'vitest'
import type { Texts } from '../../src/data/texts.ts'
import type { Unit } from '../../src/data/tokenizer.ts'
import { Vocabulary } from '../../src/data/vocabulary.ts'
import { type GivenSettings, resolveSettings } from '../../src/jobs/index.ts'
import { fitToText } from '../../src/jobs/text-recipe.ts'

function textsOf(tokens: number, unit: Unit = 'word', isWhole = false): Texts {
  const train = new Int32Array(tokens)
  return {
    vocabulary: new Vocabulary(['a', '<unk>', '<eos>'], unit),
    train,
    ...(isWhole ? {} : { valid: train }),
  }
}

function settingsFor(tokens: number, given: GivenSettings = {}, unit?: Unit) {
  const settings = resolveSettings({ data: 'novel.txt', ...given }, 'text')
  return fitToText(settings, textsOf(tokens, unit))
}

it.each([
  [20, 100, 0.65, 0.006, 1, 10, 40],
  [1000, 100, 0.65, 0.006, 10, 10, 40],
  [19_000, 200, 0.65, 0.006, 20, 10, 39],
  [190_000, 200, 0.5, 0.006, 20, 35, 12],
  [900_000, 200, 0.3, 0.006, 20, 35, 6],
  [20_000_000, 200, 0.3, 0.006, 20, 35, 3],
] as const)('%d words: H %d, dropout %d, lr %d, %d × %d, %d epochs', (tokens, ...expected) => {
  const { hiddenSize, wordvecSize, dropout, lr, batchSize, timeSize, maxEpoch, ...others } =
    settingsFor(tokens)
  expect([hiddenSize, dropout, lr, batchSize, timeSize, maxEpoch]).toEqual(expected)
  expect(wordvecSize).toBe(hiddenSize)
  expect(batchSize * timeSize).toBeLessThan(tokens)
  expect(others).toMatchObject({
    cell: 'lstm',
    layers: 1,
    tieWeights: true,
    optimizer: 'adam',
    schedule: 'cosine',
    maxGrad: 1,
    lrDecay: 1,
    minCount: 2,
    maxVocabSize: 10_000,
    stateReset: 0.1,
    patience: 5,
  })
})

it('chooses other settings for characters', () => {
  expect(settingsFor(1_000_000, {}, 'character')).toMatchObject({
    cell: 'lstm',
    hiddenSize: 256,
    tieWeights: true,
    dropout: 0.2,
    lr: 0.004,
    batchSize: 20,
    timeSize: 25,
    maxEpoch: 12,
  })
})

it('stops early only by a validation text', () => {
  const settings = resolveSettings({ data: 'novel.txt' }, 'text')
  expect(fitToText(settings, textsOf(5000, 'word', true)).patience).toBeUndefined()
})

it.each<[GivenSettings, GivenSettings]>([
  [{ hiddenSize: 50 }, { hiddenSize: 50, wordvecSize: 50, tieWeights: true }],
  [{ wordvecSize: 50 }, { hiddenSize: 50, wordvecSize: 50, tieWeights: true }],
  [
    { wordvecSize: 50, hiddenSize: 60 },
    { wordvecSize: 50, hiddenSize: 60, tieWeights: false },
  ],
  [{ tieWeights: false }, { tieWeights: false, hiddenSize: 200 }],
  [{ cell: 'gru' }, { cell: 'gru', optimizer: 'adam', lr: 0.006, schedule: 'cosine' }],
  [
    { cell: 'rnn', maxEpoch: 3, patience: 2 },
    { cell: 'rnn', optimizer: 'adam', maxEpoch: 3, patience: 2 },
  ],
  [
    { optimizer: 'sgd' },
    { lr: 20, maxGrad: 0.25, timeSize: 35, schedule: 'constant', dropout: 0.5, hiddenSize: 200 },
  ],
  [
    { timeSize: 9, batchSize: 3, dropout: 0, minCount: 1 },
    { timeSize: 9, batchSize: 3, dropout: 0, minCount: 1 },
  ],
])('keeps %j', (given, expected) => {
  expect(settingsFor(200_000, given)).toMatchObject(expected)
})

it('leaves settings alone that are settled', () => {
  const settings = resolveSettings({ data: 'novel.txt', cell: 'lstm' })
  expect(fitToText(settings, textsOf(5000))).toBe(settings)
})
