/** The optimizer that a job's settings name. */
import { rangeError } from '../errors.ts'
import { AdaGrad, Adam, AdamW, Momentum, Nesterov, type Optimizer, RMSprop, SGD } from '../optim/index.ts'
import type { JobSettings } from './settings.ts'

const WITH_DECAY = { sgd: SGD, adamw: AdamW }
const WITHOUT_DECAY = {
  momentum: Momentum,
  nesterov: Nesterov,
  adagrad: AdaGrad,
  rmsprop: RMSprop,
  adam: Adam,
}

export function createOptimizer({
  optimizer,
  lr,
  weightDecay,
}: Pick<JobSettings, 'optimizer' | 'lr' | 'weightDecay'>): Optimizer {
  if (optimizer === 'sgd' || optimizer === 'adamw') return new WITH_DECAY[optimizer](lr, { weightDecay })
  if (weightDecay !== undefined)
    throw rangeError('settings', 'weightDecay', 'the optimizer sgd or adamw with it', optimizer)
  return new WITHOUT_DECAY[optimizer](lr)
}
