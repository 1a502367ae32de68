/** The interface of optimizers, and their common check. */
import { rangeError, typeError } from '../errors.ts'
import type { Tensor } from '../tensor/index.ts'
import { checkTensor, checkTensorShape } from '../tensor/ops/operands.ts'

/** The state of an optimizer between updates. */
export interface OptimizerState {
  /** Number of updates done. */
  steps: number
  /** Tensors by slot (`velocity`, `m`, `v`, `h`), with the shapes and order of the parameters. */
  slots: ReadonlyMap<string, readonly Tensor[]>
}

export interface Optimizer {
  /** The learning rate, if there is one. */
  lr?: number
  /**
   * Whether training steps are recorded and run natively, without calling `update`. Default: unless a method was
   * overridden. Set it to false for an optimizer that computes in JavaScript.
   */
  readonly isRecordable?: boolean
  /** Updates each parameter in place from its gradient. */
  update(params: readonly Tensor[], grads: readonly Tensor[]): void
  /** The live state, not a copy. There are no slots before the first update. Absent if the optimizer has no state. */
  readonly state?: OptimizerState
  /** Restores a saved state for the same parameters. The state is copied. */
  restoreState?(params: readonly Tensor[], state: OptimizerState): void
}

export function checkUpdate(operation: string, params: readonly Tensor[], grads: readonly Tensor[]): void {
  for (const [name, tensors] of [
    ['params', params],
    ['grads', grads],
  ] as const)
    if (!Array.isArray(tensors)) throw typeError(operation, name, 'an array of tensors', tensors)
  if (params.length !== grads.length) {
    throw rangeError(operation, 'grads', `${params.length} tensors, one for each parameter`, grads.length)
  }
  for (let i = 0; i < params.length; i++) {
    checkTensor(operation, `params[${i}]`, params[i], 'float32')
    checkTensor(operation, `grads[${i}]`, grads[i], 'float32')
    checkTensorShape(operation, `grads[${i}]`, grads[i]!, params[i]!.shape)
  }
}
