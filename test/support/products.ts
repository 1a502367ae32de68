/** Products by matmul and matmulPacked, compared with float64 at the error limit of the precision in use. */
import { expect } from 'vitest'
import type { Precision } from '../../src/native.ts'
import {
  kernels,
  type MatmulOptions,
  matmul,
  matmulPacked,
  PackedMatrix,
  Tensor,
} from '../../src/tensor/index.ts'
import { expectWithin, ROUNDING } from './floats.ts'
import { expectNothingElseWritten, inLayout, type Layout } from './layouts.ts'
import { randomTensor } from './random-tensor.ts'
import { elements, productOf } from './reference-ops.ts'

interface ProductCase {
  m: number
  n: number
  k: number
  transA?: boolean
  transB?: boolean
  accumulate?: boolean
  hasBias?: boolean
  activation?: 'tanh' | undefined
  layouts?: [a: Layout, b: Layout, out: Layout]
  seed?: number
  isPacked?: boolean
}

/** How far apart a product of two numbers may be from the true one; bfloat16 rounds to 8 bits, a split number to 16. */
const ERROR_OF_PRODUCT: Record<Precision, number> = {
  highest: 0,
  high: 3 * 2 ** -16 + 2 ** -30,
  medium: 2 * 2 ** -8 + 2 ** -16,
}
/** Roundings of float32 for each product summed. */
const ROUNDINGS: Record<Precision, number> = { highest: 1, high: 3, medium: 2 }

/** Compares with float64: an element's error is at most that of its products, and the roundings of their sum. */
export function checkProduct({
  m,
  n,
  k,
  transA = false,
  transB = false,
  accumulate = false,
  hasBias = false,
  activation,
  layouts = ['contiguous', 'contiguous', 'contiguous'],
  seed = 1,
  isPacked = false,
}: ProductCase): void {
  const a = inLayout(randomTensor(transA ? [k, m] : [m, k], seed), layouts[0])
  const b = inLayout(randomTensor(transB ? [n, k] : [k, n], seed + 1), layouts[1])
  const initial = accumulate ? randomTensor([m, n], seed + 2) : Tensor.full([m, n], Number.NaN)
  const out = inLayout(initial, layouts[2])
  const bias = hasBias ? randomTensor([n], seed + 3) : undefined
  const truth = productOf({
    m,
    n,
    k,
    a: elements(a),
    b: elements(b),
    transA,
    transB,
    ...(bias && { bias: elements(bias) }),
    ...(accumulate && { initial: elements(initial) }),
  })
  if (activation) truth.values = truth.values.map(Math.tanh)
  const options: MatmulOptions = { transA, accumulate, out, ...(bias && { bias }) }
  if (activation) options.activation = activation
  const product = isPacked
    ? matmulPacked(a, new PackedMatrix(k, n).pack(b, { transB }), options)
    : matmul(a, b, { ...options, transB })
  expect(product).toBe(out)
  const { precision } = kernels()
  const relative = ERROR_OF_PRODUCT[precision] + ROUNDINGS[precision] * (k + 2) * ROUNDING
  expectWithin(out, truth, (i) => relative * truth.magnitudes[i]! + (activation ? 4 * ROUNDING : 0))
  expectNothingElseWritten(out)
}
