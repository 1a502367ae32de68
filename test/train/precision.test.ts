/** A model of the seed experiment's sizes, trained in each precision on the instruction set in use. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generateCorpus } from '../../src/data/builtin/corpus.ts'
import { SimpleRnnlm } from '../../src/models/index.ts'
import type { Precision } from '../../src/native.ts'
import { SGD } from '../../src/optim/index.ts'
import { kernels, setFloat32MatmulPrecision } from '../../src/tensor/index.ts'
import { RnnlmTrainer } from '../../src/train/index.ts'
import { precisionOn } from '../support/precisions.ts'

const { corpus, idToWord } = generateCorpus({ words: 1000, seed: 1 })
const epochs = 4

/** The logarithm of the perplexity in the last epoch. */
async function train(precision: Precision, seed: number): Promise<number> {
  setFloat32MatmulPrecision(precision)
  const trainer = new RnnlmTrainer(new SimpleRnnlm(idToWord.length, 100, 100, { seed }), new SGD(1))
  const options = { maxEpoch: epochs, batchSize: 10, timeSize: 5, maxGrad: 1, evalInterval: null }
  await trainer.fit(corpus.subarray(0, -1), corpus.subarray(1), options)
  return Math.log(trainer.pplList.at(-1)!)
}

const { isa } = kernels()
const modes = (['high', 'medium'] as const).map((wanted) => ({ wanted, used: precisionOn(isa, wanted) }))

describe(`training on ${isa}`, () => {
  const ofSeeds: number[] = []
  beforeAll(async () => {
    for (const seed of [1, 2, 3, 4]) ofSeeds.push(await train('highest', seed))
  })
  afterAll(() => setFloat32MatmulPrecision('highest'))

  it.each(modes)('in $wanted (in fact $used) ends where another seed might', async ({ wanted, used }) => {
    const difference = Math.abs((await train(wanted, 1)) - ofSeeds[0]!)
    expect(difference).toBeLessThan(Math.max(...ofSeeds) - Math.min(...ofSeeds))
    expect(ofSeeds[0]).toBeLessThan(Math.log(idToWord.length / 3))
    if (used === 'highest') expect(difference).toBe(0)
    else expect(difference).toBeGreaterThan(0)
  })

  it('goes on in another precision from one step to the next', async () => {
    const losses = async (change: boolean) => {
      setFloat32MatmulPrecision('highest')
      const collected: number[] = []
      const model = new SimpleRnnlm(idToWord.length, 100, 100)
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
