/**
 * RMSprop (Tieleman and Hinton 2012; "Deep Learning from Scratch", ch. 6.1.5): AdaGrad with a decaying average.
 *
 *     h ← decayRate · h + (1 − decayRate) · dW²        W ← W − lr · dW / (√h + eps)
 *
 * Equal to PyTorch's RMSprop with eps = 1e−8, where the decay rate is called `alpha`.
 */
import { checkOptions } from '../checks.ts'
import { type Tensor, type UpdateSettings, update } from '../tensor/index.ts'
import { checkDecay, checkEps } from './settings.ts'
import { StatefulOptimizer } from './stateful-optimizer.ts'

export interface RMSpropOptions {
  /** Decay rate of the mean squared gradient; defaults to 0.99. */
  decayRate?: number
  /** Added to √h; defaults to 1e−7. */
  eps?: number
}

export class RMSprop extends StatefulOptimizer<'h'> {
  readonly #settings: UpdateSettings<'updateRms'>

  /** @param lr learning rate */
  constructor(lr = 0.01, options: RMSpropOptions = {}) {
    super('RMSprop', ['h'], lr)
    const { decayRate = 0.99, eps = 1e-7 } = checkOptions('RMSprop', options, ['decayRate', 'eps'])
    const weight = 1 - checkDecay('RMSprop', 'decayRate', decayRate)
    this.#settings = { forget: weight, weight, eps: checkEps('RMSprop', eps) }
  }

  protected updateParameter(param: Tensor, grad: Tensor, slots: { h: Tensor }): void {
    update('updateRms', this.rate, this.#settings, grad, param, slots)
  }
}
