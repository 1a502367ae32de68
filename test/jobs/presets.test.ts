import { describe, expect, it } from 'vitest'
import { defaultPreset, type GivenSettings, PRESETS, resolveSettings } from '../../src/jobs/index.ts'

describe('resolveSettings', () => {
  it('is the seed experiment without anything given', () => {
    expect(resolveSettings({})).toMatchObject({
      data: 'builtin',
      cell: 'rnn',
      layers: 1,
      wordvecSize: 100,
      hiddenSize: 100,
      dropout: 0,
      optimizer: 'sgd',
      lr: 0.1,
      lrDecay: 1,
      batchSize: 10,
      timeSize: 5,
      maxEpoch: 100,
      seed: 0,
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
      maxEpoch: 2,
      seed: 3,
      data: 'ptb',
      cell: 'lstm',
      layers: 2,
      wordvecSize: 650,
      hiddenSize: 650,
      tieWeights: true,
      dropout: 0.5,
      lr: 20,
      lrDecay: 4,
    })
  })

  it('trains another cell, or by another optimizer, than the preset has as suits them', () => {
    const ofLstm = { lr: 20, maxGrad: 0.25, batchSize: 20, timeSize: 35 }
    expect(resolveSettings({ cell: 'lstm' }, 'seed')).toMatchObject(ofLstm)
    expect(resolveSettings({ cell: 'rnn' }, 'seed')).toEqual(resolveSettings({}, 'seed'))
    expect(resolveSettings({ cell: 'gru', lr: 3 }, 'rnnlm')).toMatchObject({
      lr: 3,
      maxEpoch: 4,
      data: 'ptb',
    })
    expect(resolveSettings({ optimizer: 'adam' }, 'seed').lr).toBe(0.001)
    expect(resolveSettings({ optimizer: 'sgd' }, 'simple-rnnlm')).toMatchObject({
      lr: 0.1,
      schedule: 'constant',
      warmup: 0,
      dropout: 0.25,
    })
    expect(resolveSettings({ cell: 'lstm' }, 'simple-rnnlm')).toMatchObject({
      optimizer: 'adam',
      lr: 0.001,
      maxGrad: 0.25,
      timeSize: 35,
    })
  })

  it('takes null, or none, for gradients that are not clipped', () => {
    expect(resolveSettings({ cell: 'lstm', maxGrad: null }).maxGrad).toBe(null)
    expect(resolveSettings({ cell: 'lstm', maxGrad: 'none' as never }).maxGrad).toBe(null)
    for (const maxGrad of [0, -1, Infinity, Number.NaN])
      expect(() => resolveSettings({ maxGrad })).toThrow('maxGrad: expected a number above 0, or none')
  })

  it('has fresh stories for every epoch of the preset for them', () => {
    const { limit, epochSize, maxEpoch } = resolveSettings({}, 'stories')
    expect(limit).toBeGreaterThanOrEqual(epochSize! * maxEpoch!)
  })

  it.each<[GivenSettings, string | undefined]>([
    [{}, 'stories'],
    [{ data: 'builtin', cell: 'lstm' }, 'stories'],
    [{ limit: 5000 }, undefined],
    [{ unit: 'character' }, undefined],
    [{ data: 'ptb' }, undefined],
    [{ data: 'novel.txt' }, 'text'],
    [{ data: 'novel.txt', unit: 'character', limit: 5000, cell: 'gru' }, 'text'],
  ])('takes for %j the preset %s', (given, preset) => {
    expect(defaultPreset(given)).toBe(preset)
  })

  it('has <unk> for the words that occur once in a text file, whatever the preset', () => {
    expect(resolveSettings({ data: 'novel.txt' }, 'seed').minCount).toBe(2)
    expect(resolveSettings({ data: 'novel.txt', minCount: 1 }, 'text').minCount).toBe(1)
    expect(resolveSettings({ data: 'ptb' }, 'seed').minCount).toBeUndefined()
    expect(resolveSettings({ data: 'novel.txt' }).minCount).toBeUndefined()
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
    expect(() => resolveSettings({ size: 3 } as object)).toThrow(
      'settings: unknown option "size"; known options: data, ',
    )
  })
})
