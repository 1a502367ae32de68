import { expect, it } from 'vitest'
import { generateCorpus } from '../../src/data/builtin/corpus.ts'
import { LanguageModel } from '../../src/models/index.ts'
import { Adam } from '../../src/optim/index.ts'
import { evalPerplexity, RnnlmTrainer } from '../../src/train/index.ts'
import { StateResets } from '../../src/train/state-resets.ts'

const ITERATIONS = Array.from({ length: 2000 }, (_, i) => i + 1)

it('resets each row about as often as asked', () => {
  const resets = new StateResets(0.1, 3n, 20)
  const counts = new Array<number>(20).fill(0)
  for (const iteration of ITERATIONS) for (const row of resets.at(iteration)) counts[row]!++
  for (const count of counts) expect(Math.abs(count - 200)).toBeLessThan(4.5 * Math.sqrt(2000 * 0.1 * 0.9))
})

it('depends on the seed and the iteration alone', () => {
  const all = (seed: bigint) => ITERATIONS.map((iteration) => new StateResets(0.1, seed, 20).at(iteration))
  const resets = new StateResets(0.1, 3n, 20)
  const backwards = ITERATIONS.toReversed().map((iteration) => resets.at(iteration))
  expect(backwards.reverse()).toEqual(all(3n))
  expect(all(4n)).not.toEqual(all(3n))
})

it('resets no row with probability 0, and all rows with 1', () => {
  expect(new StateResets(0, 3n, 4).at(1)).toEqual([])
  expect(new StateResets(1, 3n, 4).at(1)).toEqual([0, 1, 2, 3])
})

it('leaves a model whose perplexity does not depend on where reading starts', async () => {
  const { corpus, idToWord } = generateCorpus({ words: 8000, seed: 3 })
  const model = new LanguageModel({
    cell: 'lstm',
    vocabSize: idToWord.length,
    wordvecSize: 24,
    hiddenSize: 24,
  })
  const trainer = new RnnlmTrainer(model, new Adam(0.01))
  const text = corpus.subarray(0, 6000)
  await trainer.fit(text.subarray(0, -1), text.subarray(1), {
    maxEpoch: 3,
    batchSize: 20,
    timeSize: 10,
    stateReset: 0.1,
  })
  const heldOut = corpus.subarray(6000)
  const [one, ten] = await Promise.all(
    [1, 10].map((batchSize) => evalPerplexity(model, heldOut, { batchSize })),
  )
  expect(one!.perplexity / ten!.perplexity).toBeGreaterThan(0.95)
  expect(one!.perplexity / ten!.perplexity).toBeLessThan(1.05)
})

it.each([-0.1, 1.1, '0.1'])('is refused as %j', async (stateReset) => {
  const model = new LanguageModel({ cell: 'lstm', vocabSize: 5, wordvecSize: 2, hiddenSize: 2 })
  const ids = new Int32Array(100)
  await expect(
    new RnnlmTrainer(model, new Adam()).fit(ids, ids, { stateReset: stateReset as number, timeSize: 5 }),
  ).rejects.toThrow('fit: stateReset: expected a finite number in 0…1, got')
})
