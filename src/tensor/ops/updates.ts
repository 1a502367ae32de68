/**
 * The update rules of optimizers: a parameter and what is remembered of its gradients, changed in place in one pass. The
 * learning rate and the count of updates are read from buffers, so that a step can be recorded. Tensors of one call have
 * one shape; those that an optimizer remembers are contiguous. Native code treats denormals as zeros here.
 */
import { native, type Rows } from '../../native.ts'
import type { Tensor } from '../tensor.ts'
import { columnsOf, intoRows, rowStrideOf, rowsOf, safeFrom, withRows } from './operands.ts'

export interface MomentumRule {
  momentum: number
  isNesterov: boolean
  /** Whether the velocity sums up steps, −lr · g, or gradients that are multiplied by lr when they are used. */
  hasLrInVelocity: boolean
}

export interface RmsRule {
  /** What h loses at each update, as a fraction. */
  forget: number
  /** What h gains of g². */
  weight: number
  eps: number
}

export interface AdamRule {
  beta1: number
  beta2: number
  eps: number
  /** Whether eps is added to √(v / (1 − beta2^t)) or to √v. */
  hasCorrectedEps: boolean
  weightDecay: number
}

/** steps[0] ← steps[0] + 1 */
export function countUpdate(steps: Float64Array): void {
  native.countUpdate(steps, 0)
}

/** W ← W − lr · (g + weightDecay · W) */
export function updateDescent(
  lr: Float64Array,
  weightDecay: number,
  gradient: Tensor,
  parameter: Tensor,
): void {
  eachRow(gradient, parameter, (rows, columns, g, W) =>
    native.updateDescent(rows, columns, lr, 0, weightDecay, ...g, ...W),
  )
}

/** v ← momentum · v − lr · g, W ← W + v; Nesterov: W ← W + momentum · v − lr · g */
export function updateMomentum(
  lr: Float64Array,
  rule: MomentumRule,
  gradient: Tensor,
  velocity: Tensor,
  parameter: Tensor,
): void {
  const { momentum, isNesterov, hasLrInVelocity } = rule
  eachRow(gradient, parameter, (rows, columns, g, W) =>
    native.updateMomentum(
      rows,
      columns,
      lr,
      0,
      momentum,
      isNesterov,
      hasLrInVelocity,
      ...g,
      ...asRows(velocity),
      ...W,
    ),
  )
}

/** h ← (1 − forget) · h + weight · g², W ← W − lr · g / (√h + eps) */
export function updateRms(
  lr: Float64Array,
  rule: RmsRule,
  gradient: Tensor,
  h: Tensor,
  parameter: Tensor,
): void {
  const { forget, weight, eps } = rule
  eachRow(gradient, parameter, (rows, columns, g, W) =>
    native.updateRms(rows, columns, lr, 0, forget, weight, eps, ...g, ...asRows(h), ...W),
  )
}

/**
 * m ← beta1 · m + (1 − beta1) · g, v ← beta2 · v + (1 − beta2) · g²,
 * W ← W − lr · weightDecay · W − lr · √(1 − beta2^t) / (1 − beta1^t) · m / (√v + eps) with t = steps[0]
 */
export function updateAdam(
  lr: Float64Array,
  steps: Float64Array,
  rule: AdamRule,
  gradient: Tensor,
  m: Tensor,
  v: Tensor,
  parameter: Tensor,
): void {
  const { beta1, beta2, eps, hasCorrectedEps, weightDecay } = rule
  eachRow(gradient, parameter, (rows, columns, g, W) =>
    native.updateAdam(
      rows,
      columns,
      lr,
      0,
      steps,
      0,
      beta1,
      beta2,
      eps,
      hasCorrectedEps,
      weightDecay,
      ...g,
      ...asRows(m),
      ...asRows(v),
      ...W,
    ),
  )
}

/** Runs over one long row where gradient and parameter are contiguous, else row after row. */
function eachRow(
  gradient: Tensor,
  parameter: Tensor,
  run: (rows: number, columns: number, gradient: Rows, parameter: Rows) => void,
): void {
  intoRows(parameter, (out) => {
    const from = withRows(safeFrom(out, gradient))
    const isOneRow = from.isContiguous && out.isContiguous
    const [rows, columns] = isOneRow ? [1, out.size] : [rowsOf(out), columnsOf(out)]
    run(rows, columns, asRows(from), asRows(out))
  })
}

function asRows(tensor: Tensor): Rows {
  return [tensor.data, tensor.offset, rowStrideOf(tensor)]
}
