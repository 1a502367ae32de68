/** Our contestant in the event-loop scenario: a timer that fires again and again while the trainer works. */
import { setTimeout as sleep } from 'node:timers/promises'
import { quantile } from '../harness/statistics.ts'
import type { EventLoopCase, EventLoopTask } from '../scenarios/event-loop.ts'
import { fit, newTrainer } from './fit.ts'
import { serve } from './protocol.ts'

const PERIOD_MILLISECONDS = 1

await serve<EventLoopTask, EventLoopCase>(async (rnnlm, task) => {
  const trainer = newTrainer(rnnlm, task)
  await fit(trainer, task, task.corpus, task.checkEpochs)
  return {
    check: trainer.pplList.at(-1)!,
    measure: async ({ isTraining }) => {
      const lags = await lagsDuring(
        isTraining ? fit(trainer, task, task.corpus, task.epochsPerRound) : sleep(task.idleMilliseconds),
      )
      return { p50: quantile(lags, 0.5), p99: quantile(lags, 0.99), max: quantile(lags, 1) }
    },
  }
})

/** How many milliseconds late each timer was until `work` was done. */
async function lagsDuring(work: Promise<unknown>): Promise<number[]> {
  const lags: number[] = []
  let isDone = false
  const end = work.finally(() => {
    isDone = true
  })
  do {
    const due = performance.now() + PERIOD_MILLISECONDS
    await sleep(PERIOD_MILLISECONDS)
    lags.push(Math.max(0, performance.now() - due))
  } while (!isDone)
  await end
  return lags
}
