/**
 * Nesterov's accelerated gradient, in the form that evaluates the gradient at the current parameters ("Deep Learning
 * from Scratch", common/optimizer.py; Bengio, Boulanger-Lewandowski and Pascanu 2013):
 *
 *     v ← momentum · v − lr · dW        W ← W + momentum · v − lr · dW
 *
 * In terms of the previous velocity, this is the book's W ← W + momentum² · v − (1 + momentum) · lr · dW.
 */
import { type Tensor, type UpdateSettings, update } from '../tensor/index.ts'
import { type MomentumOptions, momentumSettings } from './momentum.ts'
import { StatefulOptimizer } from './stateful-optimizer.ts'

export class Nesterov extends StatefulOptimizer<'velocity'> {
  readonly #settings: UpdateSettings<'updateMomentum'>

  /**
   * @param lr learning rate
   * @param options as for Momentum; with `lrInVelocity: false`, as PyTorch's SGD with `nesterov`
   */
  constructor(lr = 0.01, options: MomentumOptions = {}) {
    super('Nesterov', ['velocity'], lr)
    this.#settings = momentumSettings('Nesterov', options, true)
  }

  protected updateParameter(param: Tensor, grad: Tensor, slots: { velocity: Tensor }): void {
    update('updateMomentum', this.rate, this.#settings, grad, param, slots)
  }
}
