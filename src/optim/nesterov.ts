/**
 * Nesterov's accelerated gradient, in the form that takes the gradient where the parameters are ("Deep Learning from
 * Scratch", common/optimizer.py; Bengio, Boulanger-Lewandowski and Pascanu 2013):
 *
 *     v ← momentum · v − lr · dW        W ← W + momentum · v − lr · dW
 *
 * With the velocity of before this is W ← W + momentum² · v − (1 + momentum) · lr · dW, as the book has it.
 */
import { type Tensor, type UpdateSettings, update } from '../tensor/index.ts'
import { type MomentumOptions, momentumSettings } from './momentum.ts'
import { StatefulOptimizer } from './stateful-optimizer.ts'

export class Nesterov extends StatefulOptimizer<'velocity'> {
  readonly isRecordable: boolean = this.constructor === Nesterov
  readonly #settings: UpdateSettings<'updateMomentum'>

  /** @param lr learning rate  @param options as Momentum's; `lrInVelocity: false` as PyTorch's SGD with `nesterov` */
  constructor(lr = 0.01, options: MomentumOptions = {}) {
    super('Nesterov', ['velocity'], lr)
    this.#settings = momentumSettings('Nesterov', options, true)
  }

  protected updateParameter(param: Tensor, grad: Tensor, slots: { velocity: Tensor }): void {
    update('updateMomentum', this.rate, this.#settings, grad, param, slots)
  }
}
