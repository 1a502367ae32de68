/**
 * Our contestant in the memory scenario. It runs with garbage collection on demand only: what is in use at the end of
 * the steps, less what was in use before, has been allocated by them; what is left after a collection has been kept.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { wordsPerIteration } from '../harness/training.ts'
import type { MemoryTask } from '../scenarios/memory.ts'
import { newTrainer } from './fit.ts'
import { serve } from './protocol.ts'

const COLLECTIONS = 4
const KIBIBYTES_PER_MEBIBYTE = 1024

interface Bytes {
  heap: number
  /** What JavaScript objects hold elsewhere: buffers above all. */
  outside: number
}

const NOTHING: Bytes = { heap: 0, outside: 0 }

await serve<MemoryTask>(async (rnnlm, task) => {
  const { batchSize, timeSize, maxGrad, warmUpSteps } = task
  const rng = new rnnlm.Random(1)

  /** Trains a new model; what the steps after the warm-up allocate and keep. */
  async function train(steps: number) {
    const size = (warmUpSteps + steps) * wordsPerIteration(task)
    const corpus = Int32Array.from({ length: size + 1 }, () => rng.integer(task.vocabSize))
    const trainer = newTrainer(rnnlm, task)
    let [before, after, kept] = [NOTHING, NOTHING, NOTHING]
    let loss = Number.NaN

    async function begin(): Promise<void> {
      await collectGarbage()
      before = bytesInUse()
    }

    async function end(): Promise<void> {
      after = bytesInUse()
      await collectGarbage()
      kept = bytesInUse()
    }

    await trainer.fit(corpus.subarray(0, -1), corpus.subarray(1), {
      maxEpoch: 1,
      batchSize,
      timeSize,
      maxGrad,
      evalInterval: null,
      onProgress: ({ iteration, iterations, loss: latest }) => {
        loss = latest
        if (iteration === warmUpSteps) return begin()
        if (iteration === iterations) return end()
      },
    })
    return {
      loss,
      heapAllocated: (after.heap - before.heap) / steps,
      heapGrowth: kept.heap - before.heap,
      outsideAllocated: (after.outside - before.outside) / steps,
      outsideGrowth: kept.outside - before.outside,
      peak: process.resourceUsage().maxRSS / KIBIBYTES_PER_MEBIBYTE,
    }
  }

  return { check: (await train(1)).loss, measure: () => train(task.steps) }
})

function bytesInUse(): Bytes {
  const { heapUsed, external } = process.memoryUsage()
  return { heap: heapUsed, outside: external }
}

/** Again and again, because finalizers run in the turn after a collection, and what they let go is for later ones. */
async function collectGarbage(): Promise<void> {
  for (let i = 0; i < COLLECTIONS; i++) {
    globalThis.gc!()
    await nextTurn()
  }
}
