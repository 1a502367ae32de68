/** Initial values of the book ("Deep Learning from Scratch 2", ch. 5.5). Biases start at 0. */
import { type Random, Tensor } from '../tensor/index.ts'

type Matrix = Tensor<'float32', [rows: number, columns: number]>

/** Word vectors: N(0, 1)/100. */
export function randomVectors(count: number, size: number, rng: Random): Matrix {
  return randomNormal(count, size, rng, 1 / 100)
}

/** Weights of other layers: N(0, 1)/√(rows). */
export function randomWeights(rows: number, columns: number, rng: Random): Matrix {
  return randomNormal(rows, columns, rng, 1 / Math.sqrt(rows))
}

function randomNormal(rows: number, columns: number, rng: Random, scale: number): Matrix {
  const matrix = Tensor.fixed([rows, columns])
  rng.fillNormal(matrix.data, scale)
  return matrix
}
