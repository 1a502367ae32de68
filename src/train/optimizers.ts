/** The optimizer that a job's settings name. */
import { AdaGrad, Adam, AdamW, Momentum, Nesterov, type Optimizer, RMSprop, SGD } from '../optim/index.ts'
import type { JobSettings } from './settings.ts'

const OPTIMIZERS: Record<JobSettings['optimizer'], new (lr: number) => Optimizer> = {
  sgd: SGD,
  momentum: Momentum,
  nesterov: Nesterov,
  adagrad: AdaGrad,
  rmsprop: RMSprop,
  adam: Adam,
  adamw: AdamW,
}

export function createOptimizer({ optimizer, lr }: Pick<JobSettings, 'optimizer' | 'lr'>): Optimizer {
  return new OPTIMIZERS[optimizer](lr)
}
