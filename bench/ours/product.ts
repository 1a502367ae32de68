/** A product of two random matrices, and how exact it is. */
import type { Tensor } from '../../src/index.ts'
import type { Product } from '../scenarios/matmul.ts'
import type { Tensors } from './package.ts'

type Matrix = Tensor<'float32', [rows: number, columns: number]>

/** @param isPacked whether b is packed ahead, as weights are that many products share */
export function makeProduct(tensors: Tensors, { m, n, k, transA, transB }: Product, isPacked = false) {
  const { matmul, matmulPacked, PackedMatrix, Random, Tensor } = tensors
  const rng = new Random(1)
  const a = Tensor.randn(transA ? [k, m] : [m, k], { rng })
  const b = Tensor.randn(transB ? [n, k] : [k, n], { rng })
  const out: Matrix = Tensor.zeros([m, n])
  const options = { transA, transB, out }
  const packed = isPacked ? new PackedMatrix(k, n).pack(b, { transB }) : null

  function multiply(): void {
    if (packed) matmulPacked(a, packed, options)
    else matmul(a, b, options)
  }

  /** ‖out·x − op(a)·(op(b)·x)‖ / ‖op(a)·(op(b)·x)‖ for a random vector x, in float64. */
  function relativeError(): number {
    const x = Float64Array.from({ length: n }, () => rng.uniform() - 0.5)
    const exact = timesVector(a, transA, timesVector(b, transB, x))
    const actual = timesVector(out, false, x)
    return Math.hypot(...actual.map((value, i) => value - exact[i]!)) / Math.hypot(...exact)
  }

  return { multiply, relativeError }
}

/** op(matrix) · x in float64. */
function timesVector(matrix: Matrix, isTransposed: boolean, x: Float64Array): Float64Array {
  const [rows, columns] = matrix.shape
  const { data } = matrix
  const result = new Float64Array(isTransposed ? columns : rows)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = data[row * columns + column]!
      if (isTransposed) result[column]! += value * x[row]!
      else result[row]! += value * x[column]!
    }
  }
  return result
}
