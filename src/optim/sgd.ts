/**
 * Stochastic gradient descent ("Deep Learning from Scratch 2", ch. 1.4), with weight decay as in PyTorch:
 *
 *     W ← W − lr · (dW + weightDecay · W)
 */
import { checkNumber, checkOptions } from '../checks.ts'
import { Scalar, type Tensor, update } from '../tensor/index.ts'
import { checkUpdate, type Optimizer } from './optimizer.ts'

export interface SGDOptions {
  /** Weight decay factor, multiplied by lr; defaults to 0. It is not affected by gradient clipping. */
  weightDecay?: number
}

export class SGD implements Optimizer {
  readonly #rate = new Scalar()
  readonly #settings: { weightDecay: number }

  /** @param lr learning rate */
  constructor(lr = 0.01, options: SGDOptions = {}) {
    const { weightDecay = 0 } = checkOptions('SGD', options, ['weightDecay'])
    this.#settings = { weightDecay: checkNumber('SGD', 'weightDecay', weightDecay, 0) }
    this.lr = lr
  }

  get lr(): number {
    return this.#rate.value
  }

  set lr(lr: number) {
    this.#rate.value = checkNumber('SGD', 'lr', lr, 0)
  }

  update(params: readonly Tensor[], grads: readonly Tensor[]): void {
    checkUpdate('SGD.update', params, grads)
    for (let i = 0; i < params.length; i++)
      update('updateDescent', this.#rate, this.#settings, grads[i]!, params[i]!, {})
  }
}
