/**
 * Adam (Kingma and Ba 2015; "Deep Learning from Scratch", ch. 6.1.6). With t the number of updates, including this one:
 *
 *     m ← beta1 · m + (1 − beta1) · dW        v ← beta2 · v + (1 − beta2) · dW²
 *     W ← W − lr · √(1 − beta2^t) / (1 − beta1^t) · m / (√v + eps)
 *
 * This is the variant at the end of section 2 of the paper, which the book uses. Algorithm 1 of the paper and PyTorch
 * add eps to the corrected √(v / (1 − beta2^t)): use Adam(lr, { eps: 1e-8, correctedEps: true }) to match PyTorch.
 */
import { checkFlag, checkNumber, checkOptions } from '../checks.ts'
import { type Scalar, type Tensor, type UpdateSettings, update } from '../tensor/index.ts'
import { checkDecay, checkEps } from './settings.ts'
import { StatefulOptimizer } from './stateful-optimizer.ts'

export interface AdamOptions {
  /** Decay rate of the mean gradient; defaults to 0.9. */
  beta1?: number
  /** Decay rate of the mean squared gradient; defaults to 0.999. */
  beta2?: number
  /** Defaults to 1e−7. */
  eps?: number
  /** Whether to add eps to the corrected √(v / (1 − beta2^t)), as PyTorch does, instead of √v; defaults to false. */
  correctedEps?: boolean
}

export class Adam extends StatefulOptimizer<'m' | 'v'> {
  readonly #settings: UpdateSettings<'updateAdam'>

  /** @param lr learning rate */
  constructor(lr = 0.001, options: AdamOptions = {}) {
    super('Adam', ['m', 'v'], lr)
    this.#settings = adamSettings('Adam', this.steps, options, 0)
  }

  protected updateParameter(param: Tensor, grad: Tensor, slots: { m: Tensor; v: Tensor }): void {
    update('updateAdam', this.rate, this.#settings, grad, param, slots)
  }
}

export function adamSettings(
  operation: string,
  steps: Scalar,
  options: AdamOptions,
  weightDecay: number,
): UpdateSettings<'updateAdam'> {
  const {
    beta1 = 0.9,
    beta2 = 0.999,
    eps = 1e-7,
    correctedEps = false,
  } = checkOptions(operation, options, ['beta1', 'beta2', 'eps', 'correctedEps'])
  return {
    steps,
    beta1: checkDecay(operation, 'beta1', beta1),
    beta2: checkDecay(operation, 'beta2', beta2),
    eps: checkEps(operation, eps),
    hasCorrectedEps: checkFlag(operation, 'correctedEps', correctedEps),
    weightDecay: checkNumber(operation, 'weightDecay', weightDecay, 0),
  }
}
