/** Our contestant where a training step is measured. */
import type { TrainingTask } from '../harness/training.ts'
import { fit, newTrainer, timeTraining } from './fit.ts'
import { repeatsPerRound, serve } from './protocol.ts'

await serve<TrainingTask>(async (rnnlm, task) => {
  rnnlm.setFloat32MatmulPrecision(task.precision ?? 'highest')
  const trainer = newTrainer(rnnlm, task)
  const start = performance.now()
  await fit(trainer, task, task.corpus, task.checkEpochs)
  const epochs = repeatsPerRound(task, (performance.now() - start) / task.checkEpochs)
  return {
    check: trainer.pplList.at(-1)!,
    measure: () => timeTraining(rnnlm, task, task.corpus, epochs),
  }
})
