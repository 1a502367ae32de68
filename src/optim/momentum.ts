/**
 * Gradient descent with momentum ("Deep Learning from Scratch", ch. 6.1.4):
 *
 *     v ← momentum · v − lr · dW        W ← W + v
 */
import { checkFlag, checkOptions } from '../checks.ts'
import { type Tensor, type UpdateSettings, update } from '../tensor/index.ts'
import { checkDecay } from './settings.ts'
import { StatefulOptimizer } from './stateful-optimizer.ts'

export interface MomentumOptions {
  /** Decay rate of the velocity; defaults to 0.9. */
  momentum?: number
  /**
   * Whether the velocity contains the learning rate, as in the book; defaults to true. With false, as in PyTorch's SGD:
   * v ← momentum · v + dW, W ← W − lr · v. The two differ only when lr changes.
   */
  lrInVelocity?: boolean
}

export class Momentum extends StatefulOptimizer<'velocity'> {
  readonly #settings: UpdateSettings<'updateMomentum'>

  /** @param lr learning rate */
  constructor(lr = 0.01, options: MomentumOptions = {}) {
    super('Momentum', ['velocity'], lr)
    this.#settings = momentumSettings('Momentum', options, false)
  }

  protected updateParameter(param: Tensor, grad: Tensor, slots: { velocity: Tensor }): void {
    update('updateMomentum', this.rate, this.#settings, grad, param, slots)
  }
}

export function momentumSettings(
  operation: string,
  options: MomentumOptions,
  isNesterov: boolean,
): UpdateSettings<'updateMomentum'> {
  const { momentum = 0.9, lrInVelocity = true } = checkOptions(operation, options, [
    'momentum',
    'lrInVelocity',
  ])
  return {
    momentum: checkDecay(operation, 'momentum', momentum),
    isNesterov,
    hasLrInVelocity: checkFlag(operation, 'lrInVelocity', lrInVelocity),
  }
}
