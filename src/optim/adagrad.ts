/**
 * AdaGrad (Duchi, Hazan and Singer 2011; "Deep Learning from Scratch", ch. 6.1.5): parameters with large past gradients
 * take smaller steps.
 *
 *     h ← h + dW²        W ← W − lr · dW / (√h + eps)
 *
 * Equal to PyTorch's Adagrad with eps = 1e−10.
 */
import { checkOptions } from '../checks.ts'
import { type Tensor, type UpdateSettings, update } from '../tensor/index.ts'
import { checkEps } from './settings.ts'
import { StatefulOptimizer } from './stateful-optimizer.ts'

export interface AdaGradOptions {
  /** Added to √h; defaults to 1e−7. */
  eps?: number
}

export class AdaGrad extends StatefulOptimizer<'h'> {
  readonly #settings: UpdateSettings<'updateRms'>

  /** @param lr learning rate */
  constructor(lr = 0.01, options: AdaGradOptions = {}) {
    super('AdaGrad', ['h'], lr)
    const { eps = 1e-7 } = checkOptions('AdaGrad', options, ['eps'])
    this.#settings = { forget: 0, weight: 1, eps: checkEps('AdaGrad', eps) }
  }

  protected updateParameter(param: Tensor, grad: Tensor, slots: { h: Tensor }): void {
    update('updateRms', this.rate, this.#settings, grad, param, slots)
  }
}
