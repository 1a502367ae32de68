/** Our contestant in the seed experiment: the public trainer, as a user calls it. */
import type { SeedSettings } from '../scenarios/seed.ts'
import { loadPackage, packageVersion } from './package.ts'
import { repeatsPerRound, serve } from './protocol.ts'

await serve<SeedSettings>(async (task) => {
  const { kernels, RnnlmTrainer, SGD, SimpleRnnlm } = await loadPackage()
  const { batchSize, timeSize, checkEpochs } = task
  const xs = Int32Array.from(task.corpus.slice(0, -1))
  const ts = Int32Array.from(task.corpus.slice(1))

  /** Trains a new model. */
  async function fit(maxEpoch: number): Promise<{ milliseconds: number; perplexity: number }> {
    const model = new SimpleRnnlm(task.vocabSize, task.wordvecSize, task.hiddenSize, { seed: 1 })
    const trainer = new RnnlmTrainer(model, new SGD(task.learningRate))
    const start = performance.now()
    await trainer.fit(xs, ts, { maxEpoch, batchSize, timeSize, evalInterval: null })
    return { milliseconds: performance.now() - start, perplexity: trainer.pplList.at(-1)! }
  }

  const warmUp = await fit(checkEpochs)
  const epochs = repeatsPerRound(task, warmUp.milliseconds / checkEpochs)
  const { isa, precision, threads } = kernels()
  return {
    check: warmUp.perplexity,
    details: { node: process.versions.node, rnnlm: packageVersion(), isa, precision, threads },
    measure: async () => (await fit(epochs)).milliseconds / (epochs * task.iterationsPerEpoch),
  }
})
