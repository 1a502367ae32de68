/** The interfaces of layers, and checks of their arguments. */
import { rangeError, stateError, typeError } from '../errors.ts'
import { type DType, type Shape, Tensor } from '../tensor/index.ts'
import { checkTensor, isTransposed } from '../tensor/ops/operands.ts'

export type Batch2 = Tensor<'float32', [N: number, D: number]>
export type Batch3 = Tensor<'float32', [N: number, T: number, D: number]>
export type TokenBatch = Tensor<'int32', [N: number, T: number]>
export type Weights = Tensor<'float32', [from: number, to: number]>
export type Bias = Tensor<'float32', [to: number]>

export interface Layer {
  /** The learned parameters. */
  readonly params: Tensor[]
  /** The gradients of the last `backward`, in the order and shapes of `params`, written in place. */
  readonly grads: Tensor[]
}

/** The state of a layer: tensors of N rows each. Never written again once it was returned. */
export type LayerState = readonly Tensor<DType>[]

/** A layer that carries a state from block to block. */
export interface StatefulLayer extends Layer {
  /** The initial state of N streams. */
  zeroState(N: number): LayerState
  /** Resets the state, or that of some rows, to zero for the next forward. */
  resetState(rows?: readonly number[]): void
  /** A copy of the state; null if there is none. */
  saveState(): LayerState | null
  /** Restores a state returned by `saveState`. */
  restoreState(state: LayerState | null): void
}

/** A layer whose output depends only on its input. */
export interface FeedForwardLayer extends Layer {
  forward(xs: Batch3): Batch3
  backward(dout: Batch3): Batch3
  /**
   * `forward` with training off. Does not change the values that the last forward kept for `backward`.
   * @returns a buffer that the next `read` of this shape writes again, or xs itself
   */
  read(xs: Batch3): Batch3
}

/**
 * A recurrent layer: the stateful `forward` and `backward` for training, and pure functions of a state for everything
 * else. These leave the layer's own state, and what `forward` has left for `backward`, as they are.
 */
export interface RecurrentLayer extends StatefulLayer {
  forward(xs: Batch3): Batch3
  backward(dhs: Batch3): Batch3
  /** One step: x [N, D] and a state of N rows give the next state, whose first tensor is the output [N, H]. */
  step(x: Batch2, state: LayerState): LayerState
  /**
   * T steps from a state to the state after them: xs [N, T, D] gives hs [N, T, H], a buffer that the next `read` of this
   * shape writes again. `next`: tensors for the state after the steps; new ones if missing.
   */
  read(xs: Batch3, state: LayerState, next?: LayerState): { hs: Batch3; state: LayerState }
}

/** The tensors of a state, as many as there are `names`; their types and shapes are not checked yet. */
export function checkStateTensors(operation: string, state: unknown, names: readonly string[]): Batch2[] {
  if (!Array.isArray(state) || state.length !== names.length)
    throw typeError(operation, 'state', `an array of the tensors ${names.join(', ')}`, state)
  return state
}

/** In the memory layout of the tensor, where that is the transpose of a matrix. */
export function zerosLike<S extends Shape>(tensor: Tensor<'float32', S>): Tensor<'float32', S> {
  const zeros = isTransposed(tensor)
    ? Tensor.fixed(tensor.shape.toReversed()).transpose()
    : Tensor.fixed(tensor.shape)
  return zeros as Tensor as Tensor<'float32', S>
}

/** Checks type, rank and lengths; null means any length. */
export function checkInput(
  operation: string,
  argument: string,
  tensor: unknown,
  dtype: DType,
  lengths: readonly (readonly [label: string, length: number | null])[],
): void {
  checkTensor(operation, argument, tensor, dtype)
  const fits =
    tensor.rank === lengths.length &&
    lengths.every(([, length], axis) =>
      length === null ? tensor.shape[axis]! > 0 : tensor.shape[axis] === length,
    )
  if (!fits) {
    const expected = lengths.map(([label, length]) => (length === null ? label : `${label} = ${length}`))
    const noneEmpty = tensor.size === 0 ? ', no length 0' : ''
    throw rangeError(operation, argument, `the shape [${expected.join(', ')}]${noneEmpty}`, tensor.shape)
  }
}

/** The values that forward kept for backward; throws if forward has not been called. */
export function requireForward<Cache>(operation: string, cache: Cache | undefined): Cache {
  if (cache === undefined) throw stateError(operation, 'call forward first')
  return cache
}

/** Checks that a gradient has the shape of the output of forward. */
export function checkGradient(operation: string, argument: string, gradient: unknown, like: Shape): void {
  checkTensor(operation, argument, gradient, 'float32')
  if (gradient.rank !== like.length || !like.every((length, axis) => gradient.shape[axis] === length)) {
    throw rangeError(
      operation,
      argument,
      `the shape of forward's result, [${like.join(', ')}]`,
      gradient.shape,
    )
  }
}
