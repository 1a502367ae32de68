/** What all optimizers have, and the check they share. */
import { rangeError } from '../errors.ts'
import type { Tensor } from '../tensor/index.ts'
import { checkTensor, checkTensorShape } from '../tensor/ops/operands.ts'

export interface Optimizer {
  /** The learning rate. */
  lr: number
  /** Whether `update` computes by operations on tensors alone, so that a step can be recorded and run natively. */
  readonly isRecordable?: boolean
  /** Changes each parameter in place by its gradient. */
  update(params: readonly Tensor[], grads: readonly Tensor[]): void
}

export function checkUpdate(operation: string, params: readonly Tensor[], grads: readonly Tensor[]): void {
  if (params.length !== grads.length) {
    throw rangeError(operation, 'grads', `${params.length} tensors, one for each parameter`, grads.length)
  }
  for (let i = 0; i < params.length; i++) {
    checkTensor(operation, `params[${i}]`, params[i], 'float32')
    checkTensor(operation, `grads[${i}]`, grads[i], 'float32')
    checkTensorShape(operation, `grads[${i}]`, grads[i]!, params[i]!.shape)
  }
}
