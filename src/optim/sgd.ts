/**
 * Stochastic gradient descent ("Deep Learning from Scratch 2", ch. 1.4), with weight decay as PyTorch's has it:
 *
 *     W ← W − lr · (dW + weightDecay · W)
 */
import { checkNoOthers, checkNumber, checkOptions } from '../errors.ts'
import { axpyBy, type Scalar, scaleBy, Tensor } from '../tensor/index.ts'
import { checkUpdate, type Optimizer } from './optimizer.ts'

export interface SGDOptions {
  /** What each parameter loses at each update, as a multiple of lr; 0. Clipping does not see it. */
  weightDecay?: number
}

export class SGD implements Optimizer {
  readonly isRecordable: boolean = this.constructor === SGD
  readonly #weightDecay: number
  readonly #step: Scalar = Tensor.zeros([1])
  readonly #remaining: Scalar = Tensor.zeros([1])
  #lr = 0

  /** @param lr learning rate */
  constructor(lr = 0.01, options: SGDOptions = {}) {
    const { weightDecay = 0, ...others } = checkOptions('SGD', options)
    checkNoOthers('SGD', others)
    this.#weightDecay = checkNumber('SGD', 'weightDecay', weightDecay, 0)
    this.lr = lr
  }

  get lr(): number {
    return this.#lr
  }

  set lr(lr: number) {
    this.#lr = checkNumber('SGD', 'lr', lr, 0)
    this.#step.set(-lr, 0)
    this.#remaining.set(1 - lr * this.#weightDecay, 0)
  }

  update(params: readonly Tensor[], grads: readonly Tensor[]): void {
    checkUpdate('SGD.update', params, grads)
    for (let i = 0; i < params.length; i++) {
      if (this.#weightDecay > 0) scaleBy(this.#remaining, params[i]!)
      axpyBy(this.#step, grads[i]!, params[i]!)
    }
  }
}
