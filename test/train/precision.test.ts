/** Models of the seed experiment's sizes, plain and LSTM, trained in each precision on the instruction set in use. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generateCorpus } from '../../src/data/builtin/corpus.ts'
import { LanguageModel } from '../../src/models/index.ts'
import type { Precision } from '../../src/native.ts'
import { SGD } from '../../src/optim/index.ts'
import { kernels, setFloat32MatmulPrecision } from '../../src/tensor/index.ts'
import { RnnlmTrainer } from '../../src/train/index.ts'
import { precisionOn } from '../support/precisions.ts'

const { corpus, idToWord } = generateCorpus({ words: 1000, seed: 1 })
const vocabSize = idToWord.length

const KINDS = {
  rnn: { lr: 1, maxEpoch: 4 },
  lstm: { lr: 5, maxEpoch: 6 },
} as const

type Kind = keyof typeof KINDS

/** The logarithm of the perplexity in the last epoch. */
async function train(cell: Kind, precision: Precision, seed: number): Promise<number> {
  setFloat32MatmulPrecision(precision)
  const { lr, maxEpoch } = KINDS[cell]
  const trainer = new RnnlmTrainer(new LanguageModel({ cell, vocabSize, seed }), new SGD(lr))
  const options = { maxEpoch, batchSize: 10, timeSize: 5, maxGrad: 1, evalInterval: null }
  await trainer.fit(corpus.subarray(0, -1), corpus.subarray(1), options)
  return Math.log(trainer.pplList.at(-1)!)
}

const { isa } = kernels()
const modes = (['high', 'medium'] as const).map((wanted) => ({ wanted, used: precisionOn(isa, wanted) }))

afterAll(() => setFloat32MatmulPrecision('highest'))

describe.each(Object.keys(KINDS) as Kind[])(`%s: training on ${isa}`, (cell) => {
  const ofSeeds: number[] = []
  beforeAll(async () => {
    for (const seed of [1, 2, 3, 4]) ofSeeds.push(await train(cell, 'highest', seed))
  })

  it.each(modes)('in $wanted (in fact $used) ends where another seed might', async ({ wanted, used }) => {
    const difference = Math.abs((await train(cell, wanted, 1)) - ofSeeds[0]!)
    expect(difference).toBeLessThan(Math.max(...ofSeeds) - Math.min(...ofSeeds))
    expect(ofSeeds[0]).toBeLessThan(Math.log(vocabSize / 3))
    if (used === 'highest') expect(difference).toBe(0)
    else expect(difference).toBeGreaterThan(0)
  })

  it('continues in another precision from one step to the next', async () => {
    const losses = async (change: boolean) => {
      setFloat32MatmulPrecision('highest')
      const collected: number[] = []
      const model = new LanguageModel({ cell, vocabSize })
      await new RnnlmTrainer(model, new SGD(1)).fit(corpus.subarray(0, -1), corpus.subarray(1), {
        maxEpoch: 1,
        batchSize: 10,
        timeSize: 5,
        onProgress: ({ iteration, loss }) => {
          collected.push(loss)
          if (change && iteration === 9) setFloat32MatmulPrecision('medium')
        },
      })
      return collected
    }
    const [plain, changed] = [await losses(false), await losses(true)]
    const firstOther = plain.findIndex((loss, i) => loss !== changed[i])
    expect(firstOther).toBe(precisionOn(isa, 'medium') === 'medium' ? 9 : -1)
  })
})
