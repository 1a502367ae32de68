/** Products of matrices with the shapes that training meets, in GFLOP/s: what all else rests on. */
import type { Precision } from '../../src/index.ts'
import { avx2Peak, inPrecision, ours, oursOn, pythonPeer } from '../harness/contestants.ts'
import { type Case, OURS } from '../harness/protocol.ts'
import type { Contestant, Scenario } from '../harness/scenario.ts'

/** op(a) · op(b) = out: [m, k] · [k, n] = [m, n]; a transposed operand is stored as its transpose, row by row. */
export interface Product extends Case {
  m: number
  n: number
  k: number
  transA: boolean
  transB: boolean
  /** In 10⁹ floating-point operations. */
  work: number
}

/** How a contestant multiplies; peers have their own. */
export interface ProductSettings {
  precision: Precision
  /** b is packed ahead, as the weights of a recurrent layer are for the steps of a block. */
  isPacked: boolean
}

type Form = 'NN' | 'NT' | 'TN'

export function product(m: number, n: number, k: number, form: Form = 'NN'): Product {
  return {
    name: `${m} × ${n} × ${k} ${form}`,
    m,
    n,
    k,
    transA: form[0] === 'T',
    transB: form[1] === 'T',
    work: (2 * m * n * k) / 1e9,
  }
}

const relativeErrorBelow = (limit: number) => ({
  name: 'relative error',
  expected: `less than ${limit}`,
  passes: (error: number) => error < limit,
})

const settings = (precision: Precision, isPacked: boolean): ProductSettings => ({
  precision,
  isPacked,
})
const highest = relativeErrorBelow(1e-5)
const bfloat16 = relativeErrorBelow(0.01)

function oursIn(precision: 'high' | 'medium', isPacked: boolean): Contestant {
  const contestant = ours('matmul.ts', {
    name: `${OURS} ${precision}${isPacked ? ' packed' : ''}`,
    settings: settings(precision, isPacked),
    check: precision === 'high' ? highest : bfloat16,
  })
  return inPrecision(precision, contestant)
}

export const matmul: Scenario = {
  kind: 'race',
  name: 'matmul',
  title: 'float32 products m × n × k into a given matrix; N as stored, T transposed',
  threads: 1,
  task: settings('highest', false),
  cases: [
    product(10, 100, 100),
    product(50, 418, 100),
    product(50, 100, 418, 'NT'),
    product(100, 418, 50, 'TN'),
    product(20, 2600, 650),
    product(700, 10_000, 100),
    product(100, 10_000, 700, 'TN'),
    product(700, 100, 10_000, 'NT'),
    product(700, 2600, 650),
    product(700, 10_000, 650),
    product(1024, 1024, 1024),
    product(2048, 2048, 2048),
  ],
  throughputUnit: 'GFLOP/s',
  check: highest,
  contestants: [
    ours('matmul.ts'),
    ours('matmul.ts', { name: `${OURS} packed`, settings: settings('highest', true) }),
    oursIn('high', false),
    oursIn('high', true),
    oursIn('medium', false),
    oursIn('medium', true),
    oursOn('avx2', 'matmul.ts'),
    avx2Peak(),
    pythonPeer('numpy', 'matmul_numpy.py'),
    pythonPeer('torch', 'matmul_torch.py'),
    inPrecision(
      'medium',
      pythonPeer('torch', 'matmul_torch_bfloat16.py', { name: 'torch bfloat16', check: bfloat16 }),
    ),
  ],
}
