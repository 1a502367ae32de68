/**
 * The operations on tensors as one writes them down: plain loops in float64, the truth that the kernels are held
 * against. Magnitudes are the same sums over absolute values; rounding errors are proportional to them.
 */
import type { DType, NestedNumbers, Shape, Tensor } from '../../src/tensor/index.ts'

export interface Reference {
  shape: number[]
  values: Float64Array
}

interface BoundedReference extends Reference {
  magnitudes: Float64Array
}

/** The elements in row-major order. */
export function elements(tensor: Tensor<DType>): Float64Array {
  const nested: NestedNumbers = tensor.toArray()
  return Float64Array.from(typeof nested === 'number' ? [nested] : (nested as number[]).flat(Infinity))
}

function sizeOf(shape: Shape): number {
  return shape.reduce((size, length) => size * length, 1)
}

/** The index of the element at a row-major place. */
function indexAt(shape: Shape, place: number): number[] {
  const index = shape.map(() => 0)
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = place % shape[axis]!
    place = Math.floor(place / shape[axis]!)
  }
  return index
}

function placeOf(shape: Shape, index: readonly number[]): number {
  return shape.reduce((place, length, axis) => place * length + index[axis]!, 0)
}

interface ProductTerms {
  m: number
  n: number
  k: number
  /** [m, k], or [k, m] if it is taken transposed; `b` likewise. */
  a: Float64Array
  b: Float64Array
  transA: boolean
  transB: boolean
  bias?: Float64Array
  initial?: Float64Array
}

/** op(a)·op(b) + bias + initial, [m, n]. */
export function productOf({ m, n, k, a, b, transA, transB, bias, initial }: ProductTerms): BoundedReference {
  const [aRow, aDepth] = transA ? [1, m] : [k, 1]
  const [bDepth, bColumn] = transB ? [1, k] : [n, 1]
  const values = new Float64Array(m * n)
  const magnitudes = new Float64Array(m * n)
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      const added = [bias?.[j] ?? 0, initial?.[i * n + j] ?? 0]
      let value = sumOf(added)
      let magnitude = sumOf(added.map(Math.abs))
      for (let p = 0; p < k; p++) {
        const product = a[i * aRow + p * aDepth]! * b[p * bDepth + j * bColumn]!
        value += product
        magnitude += Math.abs(product)
      }
      values[i * n + j] = value
      magnitudes[i * n + j] = magnitude
    }
  }
  return { shape: [m, n], values, magnitudes }
}

/** f(a, b) with NumPy's broadcasting: shapes aligned at their last axis, axes of length 1 repeated. */
export function broadcast(a: Tensor, b: Tensor, f: (a: number, b: number) => number): Reference {
  const rank = Math.max(a.rank, b.rank)
  const padded = [a, b].map((tensor) => [...new Array<number>(rank - tensor.rank).fill(1), ...tensor.shape])
  const shape = padded[0]!.map((length, axis) => (length === 1 ? padded[1]![axis]! : length))
  const [ofA, ofB] = [elements(a), elements(b)]
  const values = Float64Array.from({ length: sizeOf(shape) }, (_, place) => {
    const index = indexAt(shape, place)
    const [placeInA, placeInB] = padded.map((own) =>
      placeOf(
        own,
        index.map((i, axis) => (own[axis] === 1 ? 0 : i)),
      ),
    )
    return f(ofA[placeInA!]!, ofB[placeInB!]!)
  })
  return { shape, values }
}

/** The elements along `axis` for every place of the shape without it. */
export function lines(a: Tensor, axis: number): { shape: number[]; lines: number[][] } {
  const all = elements(a)
  const shape = a.shape.toSpliced(axis, 1)
  return {
    shape,
    lines: Array.from({ length: sizeOf(shape) }, (_, place) =>
      Array.from({ length: a.shape[axis]! }, (_, i) => {
        return all[placeOf(a.shape, indexAt(shape, place).toSpliced(axis, 0, i))]!
      }),
    ),
  }
}

export function sumOf(values: Iterable<number>): number {
  let sum = 0
  for (const value of values) sum += value
  return sum
}

/** The first largest; a NaN counts as the largest. */
export function argmaxOf(values: readonly number[]): number {
  const firstNaN = values.findIndex(Number.isNaN)
  return firstNaN >= 0 ? firstNaN : values.indexOf(Math.max(...values))
}

export function softmaxOf(scores: readonly number[]): number[] {
  const largest = Math.max(...scores)
  const exponentials = scores.map((score) => Math.exp(score - largest))
  const sum = sumOf(exponentials)
  return exponentials.map((value) => value / sum)
}

/** −log softmax(scores)[target]. */
export function crossEntropyOf(scores: readonly number[], target: number): number {
  const largest = Math.max(...scores)
  return largest + Math.log(sumOf(scores.map((score) => Math.exp(score - largest)))) - scores[target]!
}
