/** Our contestant in the scaling scenario: training steps of many sizes, and one large product. */
import type { TrainingTask } from '../harness/training.ts'
import type { Product } from '../scenarios/matmul.ts'
import type { SizedCase } from '../scenarios/scaling.ts'
import { fit, newTrainer, timeTraining } from './fit.ts'
import { loadTensors } from './package.ts'
import { makeProduct } from './product.ts'
import { serve, warmUp } from './protocol.ts'

await serve<TrainingTask, SizedCase | Product>(async (rnnlm, task) => {
  const tensors = await loadTensors()
  const trainer = newTrainer(rnnlm, task)
  await fit(trainer, task, task.corpus, task.checkEpochs)
  return {
    check: trainer.pplList.at(-1)!,
    measure: (measured) =>
      'settings' in measured
        ? timeTraining(rnnlm, measured.settings, measured.corpus, 1)
        : warmUp(task, makeProduct(tensors, measured).multiply)(),
  }
})
