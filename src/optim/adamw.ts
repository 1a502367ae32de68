/**
 * AdamW: Adam with decoupled weight decay (Loshchilov and Hutter 2019, Algorithm 2), as in PyTorch. With t the number
 * of updates, including this one:
 *
 *     m ← beta1 · m + (1 − beta1) · dW        v ← beta2 · v + (1 − beta2) · dW²
 *     W ← W − lr · weightDecay · W − lr · m̂ / (√v̂ + eps),  m̂ = m / (1 − beta1^t),  v̂ = v / (1 − beta2^t)
 */
import { checkOptions } from '../checks.ts'
import { type Tensor, type UpdateSettings, update } from '../tensor/index.ts'
import { type AdamOptions, adamSettings } from './adam.ts'
import { StatefulOptimizer } from './stateful-optimizer.ts'

export interface AdamWOptions extends Pick<AdamOptions, 'beta1' | 'beta2'> {
  /** Added to √v̂; defaults to 1e−8. */
  eps?: number
  /** Weight decay factor, multiplied by lr; defaults to 0.01. */
  weightDecay?: number
}

export class AdamW extends StatefulOptimizer<'m' | 'v'> {
  readonly #settings: UpdateSettings<'updateAdam'>

  /** @param lr learning rate */
  constructor(lr = 0.001, options: AdamWOptions = {}) {
    super('AdamW', ['m', 'v'], lr)
    const names = ['beta1', 'beta2', 'eps', 'weightDecay'] as const
    const { eps = 1e-8, weightDecay = 0.01, ...betas } = checkOptions('AdamW', options, names)
    this.#settings = adamSettings('AdamW', this.steps, { ...betas, eps, correctedEps: true }, weightDecay)
  }

  protected updateParameter(param: Tensor, grad: Tensor, slots: { m: Tensor; v: Tensor }): void {
    update('updateAdam', this.rate, this.#settings, grad, param, slots)
  }
}
