/**
 * Elementwise operations. Each takes an `out` option, which may be one of the operands; it defaults to a new tensor.
 * Operations of two tensors broadcast as in NumPy.
 */
import { typeError } from '../../errors.ts'
import { type BinaryName, native, type UnaryName } from '../../native.ts'
import { equalShapes, type Shape } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { broadcastShape, forEachMatrix, walkable } from './broadcast.ts'
import {
  checkTensor,
  checkTensorShape,
  columnsOf,
  hasRows,
  intoRows,
  mapElements,
  NO_OPTIONS,
  type OutOptions,
  output,
  rowStrideOf,
  rowsOf,
  safeFrom,
} from './operands.ts'

function unary<S extends Shape>(
  name: UnaryName,
  a: Tensor<'float32', S>,
  options: OutOptions,
): Tensor<'float32', S> {
  checkTensor(name, 'a', a, 'float32')
  const result = output<S>(name, options, a.shape)
  mapElements(native[name], a, result)
  return result
}

function binary(operation: string, name: BinaryName, a: Tensor, b: Tensor, options: OutOptions): Tensor {
  checkTensor(operation, 'a', a, 'float32')
  checkTensor(operation, 'b', b, 'float32')
  const result = output(operation, options, broadcastShape(operation, a, b))
  intoRows(result, (out) => {
    const x = safeFrom(out, a)
    const y = safeFrom(out, b)
    if (equalShapes(x.shape, y.shape) && hasRows(x) && hasRows(y)) binaryOfRows(name, x, y, out)
    else binaryBroadcast(name, walkable(x), walkable(y), out)
  })
  return result
}

function binaryOfRows(name: BinaryName, a: Tensor, b: Tensor, out: Tensor): void {
  const isOneRow = a.isContiguous && b.isContiguous && out.isContiguous
  native[name](
    isOneRow ? 1 : rowsOf(out),
    isOneRow ? out.size : columnsOf(out),
    a.data,
    a.offset,
    rowStrideOf(a),
    1,
    b.data,
    b.offset,
    rowStrideOf(b),
    1,
    out.data,
    out.offset,
    rowStrideOf(out),
  )
}

function binaryBroadcast(name: BinaryName, a: Tensor, b: Tensor, out: Tensor): void {
  forEachMatrix(a, b, out, (rows, columns, ofA, ofB, ofOut) => {
    native[name](rows, columns, a.data, ...ofA, b.data, ...ofB, out.data, ...ofOut)
  })
}

export function add(a: Tensor, b: Tensor, options = NO_OPTIONS): Tensor {
  return binary('add', 'add', a, b, options)
}

export function sub(a: Tensor, b: Tensor, options = NO_OPTIONS): Tensor {
  return binary('sub', 'subtract', a, b, options)
}

export function mul(a: Tensor, b: Tensor, options = NO_OPTIONS): Tensor {
  return binary('mul', 'multiply', a, b, options)
}

export function div(a: Tensor, b: Tensor, options = NO_OPTIONS): Tensor {
  return binary('div', 'divide', a, b, options)
}

/** a · (1 − b²): the gradient through b = tanh(…), given the gradient a of b. */
export function tanhGradient(a: Tensor, b: Tensor, options = NO_OPTIONS): Tensor {
  return binary('tanhGradient', 'tanhGradient', a, b, options)
}

/** a · b · (1 − b): the gradient through b = sigmoid(…), given the gradient a of b. */
export function sigmoidGradient(a: Tensor, b: Tensor, options = NO_OPTIONS): Tensor {
  return binary('sigmoidGradient', 'sigmoidGradient', a, b, options)
}

/** out ← out + a · b */
export function addProduct(a: Tensor, b: Tensor, options: { out: Tensor }): Tensor {
  return binary('addProduct', 'addProduct', a, b, options)
}

/** The hyperbolic tangent, at most 2 units in the last place from the true value. */
export function tanh<S extends Shape>(a: Tensor<'float32', S>, options = NO_OPTIONS): Tensor<'float32', S> {
  return unary('tanh', a, options)
}

/** 1 / (1 + e^−a). */
export function sigmoid<S extends Shape>(
  a: Tensor<'float32', S>,
  options = NO_OPTIONS,
): Tensor<'float32', S> {
  return unary('sigmoid', a, options)
}

/** e^a, at most 2 units in the last place from the true value. */
export function exp<S extends Shape>(a: Tensor<'float32', S>, options = NO_OPTIONS): Tensor<'float32', S> {
  return unary('exp', a, options)
}

/** a · factor. */
export function scale<S extends Shape>(
  a: Tensor<'float32', S>,
  factor: number,
  options = NO_OPTIONS,
): Tensor<'float32', S> {
  checkTensor('scale', 'a', a, 'float32')
  checkFactor('scale', 'factor', factor)
  const result = output<S>('scale', options, a.shape)
  mapElements((...operands) => native.scale(...operands, factor), a, result)
  return result
}

/** y ← alpha · x + y, in place as in BLAS; returns y. */
export function axpy<S extends Shape>(
  alpha: number,
  x: Tensor,
  y: Tensor<'float32', S>,
): Tensor<'float32', S> {
  checkFactor('axpy', 'alpha', alpha)
  checkTensor('axpy', 'x', x, 'float32')
  checkTensor('axpy', 'y', y, 'float32')
  checkTensorShape('axpy', 'x', x, y.shape)
  mapElements((rows, columns, ...operands) => native.axpy(rows, columns, alpha, ...operands), x, y)
  return y
}

/** Infinity and NaN are allowed. */
function checkFactor(operation: string, argument: string, factor: unknown): void {
  if (typeof factor !== 'number') throw typeError(operation, argument, 'a number', factor)
}
