import { describe, expect, it } from 'vitest'
import { type GivenSettings, PRESETS, resolveSettings } from '../../src/train/index.ts'

describe('resolveSettings', () => {
  it('is the seed experiment without anything given', () => {
    expect(resolveSettings({})).toMatchObject({
      ...{ data: 'builtin', cell: 'rnn', layers: 1, wordvecSize: 100, hiddenSize: 100, dropout: 0 },
      ...{ optimizer: 'sgd', lr: 0.1, lrDecay: 1, batchSize: 10, timeSize: 5, maxEpoch: 100, seed: 0 },
    })
    expect(resolveSettings({}).maxGrad).toBeUndefined()
    expect(resolveSettings({}, 'seed')).toEqual(resolveSettings({}))
  })

  it('lets the defaults depend on the cell', () => {
    expect(resolveSettings({ cell: 'lstm' })).toMatchObject({ lr: 20, maxGrad: 0.25, batchSize: 20 })
    expect(resolveSettings({ cell: 'gru' })).toMatchObject({ lr: 10, maxGrad: 0.25, timeSize: 35 })
  })

  it.each<[GivenSettings, number]>([
    [{ optimizer: 'adam' }, 0.001],
    [{ optimizer: 'adam', cell: 'lstm' }, 0.001],
    [{ optimizer: 'adagrad' }, 0.1],
    [{ optimizer: 'momentum', cell: 'lstm' }, 2],
    [{ optimizer: 'adam', lr: 0.5 }, 0.5],
  ])('of %j has the learning rate %f', (given, lr) => {
    expect(resolveSettings(given).lr).toBe(lr)
  })

  it('lets what is given go before the preset', () => {
    expect(resolveSettings({ maxEpoch: 2, hiddenSize: 650, seed: 3 }, 'better-rnnlm')).toMatchObject({
      ...{ maxEpoch: 2, seed: 3 },
      ...{ data: 'ptb', cell: 'lstm', layers: 2, wordvecSize: 650, hiddenSize: 650, tieWeights: true },
      ...{ dropout: 0.5, lr: 20, lrDecay: 4 },
    })
  })

  it('settles every preset', () => {
    for (const name of Object.keys(PRESETS)) {
      const settings = resolveSettings({}, name)
      expect(settings).toMatchObject(PRESETS[name]!)
      for (const value of Object.values(settings)) expect(value).toBeDefined()
    }
  })

  it('names what it does not know', () => {
    expect(() => resolveSettings({}, 'elman')).toThrow(
      `settings: preset: expected ${Object.keys(PRESETS).join(', ')}, got "elman"`,
    )
    expect(() => resolveSettings({ size: 3 } as object)).toThrow('settings: size: expected one of data, ')
  })
})
