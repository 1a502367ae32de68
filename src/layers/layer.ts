/** What all layers have, and how they check what they are given. */
import { rangeError, stateError } from '../errors.ts'
import { type DType, type Shape, Tensor } from '../tensor/index.ts'
import { checkTensor, isTransposed } from '../tensor/ops/operands.ts'

export type Batch2 = Tensor<'float32', [N: number, D: number]>
export type Batch3 = Tensor<'float32', [N: number, T: number, D: number]>
export type TokenBatch = Tensor<'int32', [N: number, T: number]>
export type Weights = Tensor<'float32', [from: number, to: number]>
export type Bias = Tensor<'float32', [to: number]>

export interface Layer {
  /** What is learned. */
  readonly params: Tensor[]
  /** The gradients of the last `backward`, in the order and shapes of `params`, written in place. */
  readonly grads: Tensor[]
}

/** What a layer hands from block to block: the tensors of its state. */
export type LayerState = Tensor<DType>[]

/** A layer that hands a state from block to block. */
export interface StatefulLayer extends Layer {
  /** Forgets the state, or that of some rows: they start from zero in the next forward. */
  resetState(rows?: readonly number[]): void
  /** A copy of the state; null while there is none. */
  saveState(): LayerState | null
  /** Puts back what `saveState` gave. */
  restoreState(state: LayerState | null): void
}

/** In the memory layout of the tensor, where that is the transpose of a matrix. */
export function zerosLike<S extends Shape>(tensor: Tensor<'float32', S>): Tensor<'float32', S> {
  const zeros = isTransposed(tensor)
    ? Tensor.fixed(tensor.shape.toReversed()).transpose()
    : Tensor.fixed(tensor.shape)
  return zeros as Tensor as Tensor<'float32', S>
}

/** Checks type, rank and lengths; null stands for a length that is free. */
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

/** What forward left for backward, or an error that says that forward comes first. */
export function requireForward<Cache>(operation: string, cache: Cache | undefined): Cache {
  if (cache === undefined) throw stateError(operation, 'call forward first')
  return cache
}

/** Checks that a gradient has the shape of what forward gave. */
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

export function contiguous<D extends DType, S extends Shape>(tensor: Tensor<D, S>): Tensor<D, S> {
  return tensor.isContiguous ? tensor : tensor.clone()
}
