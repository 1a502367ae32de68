/** Stochastic gradient descent: W ← W − lr · dW ("Deep Learning from Scratch 2", ch. 1.4). */
import { checkNumber } from '../errors.ts'
import { axpy, type Tensor } from '../tensor/index.ts'
import { checkUpdate, type Optimizer } from './optimizer.ts'

export class SGD implements Optimizer {
  lr: number

  /** @param lr learning rate */
  constructor(lr = 0.01) {
    this.lr = checkNumber('SGD', 'lr', lr, 0)
  }

  update(params: readonly Tensor[], grads: readonly Tensor[]): void {
    checkUpdate('SGD.update', params, grads)
    for (let i = 0; i < params.length; i++) axpy(-this.lr, grads[i]!, params[i]!)
  }
}
