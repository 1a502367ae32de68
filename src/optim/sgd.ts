/** Stochastic gradient descent: W ← W − lr · dW ("Deep Learning from Scratch 2", ch. 1.4). */
import { checkNumber } from '../errors.ts'
import { axpyBy, type Scalar, Tensor } from '../tensor/index.ts'
import { checkUpdate, type Optimizer } from './optimizer.ts'

export class SGD implements Optimizer {
  readonly isRecordable: boolean = this.constructor === SGD
  readonly #step: Scalar = Tensor.zeros([1])
  #lr = 0

  /** @param lr learning rate */
  constructor(lr = 0.01) {
    this.lr = lr
  }

  get lr(): number {
    return this.#lr
  }

  set lr(lr: number) {
    this.#lr = checkNumber('SGD', 'lr', lr, 0)
    this.#step.set(-lr, 0)
  }

  update(params: readonly Tensor[], grads: readonly Tensor[]): void {
    checkUpdate('SGD.update', params, grads)
    for (let i = 0; i < params.length; i++) axpyBy(this.#step, grads[i]!, params[i]!)
  }
}
