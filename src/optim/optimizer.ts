/** What all optimizers have, and the check they share. */
import { rangeError, typeError } from '../errors.ts'
import type { Tensor } from '../tensor/index.ts'
import { checkTensor, checkTensorShape } from '../tensor/ops/operands.ts'

/** What an optimizer remembers from one update to the next. */
export interface OptimizerState {
  /** Updates done. */
  steps: number
  /** By slot (`velocity`, `m`, `v`, `h`), tensors of the parameters' shapes in the order of the parameters. */
  slots: ReadonlyMap<string, readonly Tensor[]>
}

export interface Optimizer {
  /** The learning rate, where there is one. */
  lr?: number
  /** Whether `update` computes by operations on tensors alone, so that a step can be recorded and run natively. */
  readonly isRecordable?: boolean
  /** Changes each parameter in place by its gradient. */
  update(params: readonly Tensor[], grads: readonly Tensor[]): void
  /** What is remembered, live and not copied; no slots before the first update. Absent where nothing is remembered. */
  readonly state?: OptimizerState
  /** Goes on from a state that was saved, of the same parameters. The state is copied. */
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
