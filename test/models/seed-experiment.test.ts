import { expect, it } from 'vitest'
import { ptb } from '../../src/data/ptb.ts'
import { SimpleRnnlm } from '../../src/models/index.ts'
import { native } from '../../src/native.ts'
import { SGD } from '../../src/optim/index.ts'
import { RnnlmTrainer } from '../../src/train/index.ts'
import { readGolden } from '../support/golden.ts'
import { hashedNormal } from '../support/hashed-normal.ts'
import { describeEachIsa } from '../support/instruction-sets.ts'
import { describeUnless, NO_PTB } from '../support/skipping.ts'

const golden = readGolden<{
  corpusSize: number
  vocabSize: number
  wordvecSize: number
  hiddenSize: number
  batchSize: number
  timeSize: number
  lr: number
  maxEpoch: number
  hashedNormalStream1First8: number[]
  firstTokenIds: number[]
  first40Losses: number[]
  perplexityByEpoch: number[]
}>('seed-experiment.json')

it('the streams of initial weights are the golden script’s', () => {
  hashedNormal(8, 1).forEach((value, i) => {
    expect(value).toBeCloseTo(golden.hashedNormalStream1First8[i]!, 8)
  })
})

/** All epochs on the instruction set that is chosen, a part on the others: scalar code takes 20 times as long. */
const epochsOn = (isa: string) => (isa === native.availableIsas()[0] ? golden.maxEpoch : 10)

function seedExperiment(isa: string): void {
  it('losses and perplexities are the golden ones', async () => {
    const { corpus } = await ptb.loadData('train')
    const words = corpus.slice(0, golden.corpusSize)
    expect([...words.slice(0, 20)]).toEqual(golden.firstTokenIds)

    const { vocabSize: V, wordvecSize: D, hiddenSize: H } = golden
    const model = new SimpleRnnlm(V, D, H)
    const weights = model.namedParams()
    weights.get('embedding.W')!.data.set(hashedNormal(V * D, 1).map((z) => z / 100))
    weights.get('recurrent.0.Wx')!.data.set(hashedNormal(D * H, 2).map((z) => z / Math.sqrt(D)))
    weights.get('recurrent.0.Wh')!.data.set(hashedNormal(H * H, 3).map((z) => z / Math.sqrt(H)))
    weights.get('affine.W')!.data.set(hashedNormal(H * V, 4).map((z) => z / Math.sqrt(H)))

    const losses: number[] = []
    const trainer = new RnnlmTrainer(model, new SGD(golden.lr))
    await trainer.fit(words.slice(0, -1), words.slice(1), {
      maxEpoch: epochsOn(isa),
      batchSize: golden.batchSize,
      timeSize: golden.timeSize,
      evalInterval: null,
      onProgress: ({ loss }) => void losses.push(loss),
    })
    golden.first40Losses.forEach((loss, i) => {
      expect(Math.abs(losses[i]! - loss)).toBeLessThan(1e-5)
    })
    golden.perplexityByEpoch.slice(0, Math.min(50, epochsOn(isa))).forEach((perplexity, epoch) => {
      expect(Math.abs(trainer.pplList[epoch]! / perplexity - 1), `epoch ${epoch + 1}`).toBeLessThan(1e-4)
    })
    if (epochsOn(isa) === golden.maxEpoch) expect(trainer.pplList.at(-1)).toBeLessThan(7)
  })
}

describeUnless(NO_PTB, 'the seed experiment', () => {
  describeEachIsa('each instruction set', seedExperiment)
})
