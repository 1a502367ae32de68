import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { native } from '../../../src/native.ts'
import { matmul, matmulPacked, PackedMatrix, Tensor } from '../../../src/tensor/index.ts'
import { expectWithin, ROUNDING } from '../../support/floats.ts'
import { describeEachIsa } from '../../support/instruction-sets.ts'
import { inLayout, LAYOUTS } from '../../support/layouts.ts'
import { checkProduct } from '../../support/products.ts'
import { randomTensor } from '../../support/random-tensor.ts'
import { elements, productOf } from '../../support/reference-ops.ts'

/** Around the rows of a tile (4, 6, 8, 14), the columns of one (4, 8, 12, 16, 48), and the vectors in it. */
const ROWS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 14, 15, 29]
const COLUMNS = [0, 1, 3, 4, 5, 7, 8, 9, 11, 12, 13, 15, 16, 17, 31, 32, 33, 47, 48, 49, 97]
const DEPTHS = [0, 1, 2, 3, 15, 16, 17, 33]
const OUT_LAYOUTS = LAYOUTS.filter((layout) => layout !== 'picked')

describeEachIsa('matmul', () => {
  it.each([
    { transA: false, transB: false },
    { transA: true, transB: false },
    { transA: false, transB: true },
    { transA: true, transB: true },
  ])('at the edges of tiles and vectors, transA $transA, transB $transB', (transposes) => {
    for (const m of ROWS) {
      for (const n of COLUMNS) checkProduct({ m, n, k: DEPTHS[(m + n) % DEPTHS.length]!, ...transposes })
    }
    for (const k of DEPTHS) checkProduct({ m: 5, n: 50, k, ...transposes })
  })

  it('with any flags, shapes and layouts', () => {
    const length = (lengths: number[]) => fc.oneof(fc.constantFrom(...lengths), fc.nat({ max: 60 }))
    fc.assert(
      fc.property(
        fc.record({
          m: length(ROWS),
          n: length(COLUMNS),
          k: length(DEPTHS),
          transA: fc.boolean(),
          transB: fc.boolean(),
          accumulate: fc.boolean(),
          hasBias: fc.boolean(),
          activation: fc.constantFrom('tanh' as const, undefined),
          layouts: fc.tuple(
            fc.constantFrom(...LAYOUTS),
            fc.constantFrom(...LAYOUTS),
            fc.constantFrom(...OUT_LAYOUTS),
          ),
          seed: fc.nat({ max: 1e6 }),
        }),
        checkProduct,
      ),
      { seed: 1, numRuns: 300 },
    )
  })

  it.each([1023, 1024, 1025, 2049])('over %i products, where a panel ends at 1,024', (k) => {
    for (const transB of [false, true]) {
      checkProduct({ m: 7, n: 50, k, transB, accumulate: true, hasBias: true, activation: 'tanh' })
      checkProduct({ m: 3, n: 17, k, transA: true, transB })
    }
  })

  it.each([127, 128, 129])('with %i rows, where packing begins above 128', (m) => {
    checkProduct({ m, n: 49, k: 20, accumulate: true, hasBias: true })
    checkProduct({ m, n: 17, k: 9, transA: true, layouts: ['padded', 'middle', 'padded'] })
  })

  it.each([48, 49])('with %i rows and a b above 1 MiB, where packing begins above 48', (m) => {
    checkProduct({ m, n: 257, k: 1030, hasBias: true })
  })

  it('with products of small integers, exactly', () => {
    const [m, n, k] = [17, 35, 40]
    const a = Tensor.from(Float32Array.from({ length: m * k }, (_, i) => (i % 7) - 3)).reshape([m, k])
    const b = Tensor.from(Float32Array.from({ length: k * n }, (_, i) => (i % 11) - 5)).reshape([k, n])
    const truth = productOf({ m, n, k, a: elements(a), b: elements(b), transA: false, transB: false })
    expectWithin(matmul(a, b), truth, () => 0)
  })

  it('of no products is the bias, or nothing added', () => {
    const [a, b] = [Tensor.zeros([2, 0]), Tensor.zeros([0, 3])]
    const bias = Tensor.from([1, 2, 3])
    expect(matmul(a, b).toArray()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ])
    expect(matmul(a, b, { bias }).toArray()).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ])
    expect(matmul(a, b, { bias, accumulate: true, out: Tensor.full([2, 3], 0.5) }).toArray()).toEqual([
      [1.5, 2.5, 3.5],
      [1.5, 2.5, 3.5],
    ])
  })

  it('hands NaN and infinity on to the row and column that they belong to, and to no other', () => {
    for (const n of [1, 5, 16, 33, 49]) {
      for (const special of [Number.NaN, Infinity, -Infinity]) {
        const a = Tensor.full([9, 20], 1)
        const b = Tensor.full([20, n], 1)
        a.set(special, 3, 7)
        b.set(special, 11, n - 1)
        const truth = productOf({
          m: 9,
          n,
          k: 20,
          a: elements(a),
          b: elements(b),
          transA: false,
          transB: false,
        })
        expectWithin(matmul(a, b), truth, () => 0)
        const ofZero = matmul(a, Tensor.zeros([20, n]))
        expect(ofZero.select(0, 3).toArray()).toEqual(new Array(n).fill(Number.NaN))
        expect(ofZero.select(0, 4).toArray()).toEqual(new Array(n).fill(0))
      }
    }
  })

  it('makes infinity of what is too large, and 0 of what is below 2^−126, in products alone', () => {
    const large = Tensor.full([3, 3], 1e30)
    expect(matmul(large, large).at(1, 1)).toBe(Infinity)
    const small = matmul(Tensor.full([2, 1], 2 ** -100), Tensor.full([1, 20], 2 ** -40))
    expect(elements(small).every((value) => value === 0)).toBe(true)
    const smallest = matmul(Tensor.full([2, 1], 2 ** -100), Tensor.full([1, 20], 2 ** -26))
    expect(elements(smallest).every((value) => value === 2 ** -126)).toBe(true)
    expect(2 ** -540 * 2 ** -500).toBe(2 ** -1040)
  })

  it('without accumulate forgets what out held, NaN too', () => {
    const out = Tensor.full([3, 20], Number.NaN)
    matmul(Tensor.full([3, 4], 1), Tensor.full([4, 20], 1), { out })
    expect(elements(out).every((value) => value === 4)).toBe(true)
  })

  it('multiplies a matrix with itself', () => {
    const a = randomTensor([20, 20], 4)
    const all = elements(a)
    const truth = productOf({ m: 20, n: 20, k: 20, a: all, b: all, transA: true, transB: false })
    expectWithin(matmul(a, a, { transA: true }), truth, (i) => 22 * ROUNDING * truth.magnitudes[i]!)
  })
})

describe('what matmul refuses', () => {
  const a = Tensor.zeros([2, 3])
  const b = Tensor.zeros([3, 4])
  const ids = Tensor.zeros([3, 4], 'int32') as unknown as Tensor
  const cube: Tensor = Tensor.zeros([2, 3, 4])

  it.each([
    [
      'inner lengths that differ',
      () => matmul(a, Tensor.zeros([4, 5])),
      'matmul: inner dimensions differ: a is [2, 3], b is [4, 5]',
    ],
    [
      'inner lengths that differ by a transpose',
      () => matmul(a, b, { transB: true }),
      'matmul: inner dimensions differ: a is [2, 3], b is [3, 4] transposed',
    ],
    ['a rank of 3', () => matmul(cube, b), 'matmul: a: expected a matrix (rank 2), got [2, 3, 4]'],
    [
      'a rank of 1',
      () => matmul(a, Tensor.zeros([3]) as Tensor),
      'matmul: b: expected a matrix (rank 2), got [3]',
    ],
    ['int32', () => matmul(a, ids), 'matmul: b: expected a Tensor of float32, got "int32"'],
    [
      'what is no tensor',
      () => matmul(new Float32Array(6) as unknown as Tensor, b),
      'matmul: a: expected a Tensor, got Float32Array(6)',
    ],
    [
      'an out of another shape',
      () => matmul(a, b, { out: Tensor.zeros([4, 2]) }),
      'matmul: out: expected the shape [2, 4], got [4, 2]',
    ],
    [
      'an out whose columns are apart',
      () => matmul(a, b, { out: inLayout(Tensor.zeros([2, 4]), 'picked') }),
      'matmul: out: expected columns that are adjacent',
    ],
    [
      'adding to nothing',
      () => matmul(a, b, { accumulate: true }),
      'matmul: out: expected a Tensor to add to, since accumulate is set, got undefined',
    ],
    [
      'a bias of another length',
      () => matmul(a, b, { bias: Tensor.zeros([3]) }),
      'matmul: bias: expected the shape [4], got [3]',
    ],
    [
      'a bias whose elements are apart',
      () => matmul(a, b, { bias: inLayout(Tensor.zeros([4]), 'picked') }),
      'matmul: bias: expected adjacent elements',
    ],
    [
      'an unknown activation',
      () => matmul(a, b, { activation: 'relu' as 'tanh' }),
      'matmul: activation: expected \'tanh\' or nothing, got "relu"',
    ],
  ])('%s', (_, run, message) => {
    expect(run).toThrow(message)
  })

  it('an out that shares elements with an operand or the bias', () => {
    const square = randomTensor([4, 4], 1)
    const before = elements(square)
    const other = randomTensor([4, 4], 2)
    expect(() => matmul(square, other, { out: square })).toThrow('matmul: out must not share elements with a')
    expect(() => matmul(other, square, { out: square })).toThrow('out must not share elements with b')
    expect(() => matmul(other, other, { out: square, bias: square.select(0, 1) })).toThrow(
      'out must not share elements with bias',
    )
    const columns = randomTensor([4, 10], 3)
    expect(() => matmul(columns.slice(1, 0, 4), other, { out: columns.slice(1, 3, 7) })).toThrow('with a')
    expect(elements(square)).toEqual(before)
  })

  it('an out beside its operand in the same matrix is none of that', () => {
    const gates = randomTensor([4, 12], 4)
    const left = gates.slice(1, 0, 4)
    const right = gates.slice(1, 8, 12)
    const expected = matmul(left.clone(), right.clone())
    expect(matmul(left, right, { out: gates.slice(1, 4, 8) }).toArray()).toEqual(expected.toArray())
  })
})

describeEachIsa('matmulPacked', () => {
  it.each([
    [1, 1, 1],
    [10, 100, 100],
    [7, 50, 2049],
    [64, 47, 30],
    [3, 97, 0],
  ])('[%i, %i] of %i products each gives what matmul gives', (m, n, k) => {
    const a = randomTensor([m, k], 1)
    const b = randomTensor([k, n], 2)
    const bT = randomTensor([n, k], 3)
    const bias = randomTensor([n], 4)
    const packed = new PackedMatrix(k, n)
    const options = { bias, activation: 'tanh' } as const
    expect(matmulPacked(a, packed.pack(b), options).toArray()).toEqual(matmul(a, b, options).toArray())
    expect(matmulPacked(a, packed.pack(bT, { transB: true })).toArray()).toEqual(
      matmul(a, bT, { transB: true }).toArray(),
    )
  })

  it('multiplies as was in use when it was packed', () => {
    const a = randomTensor([20, 70], 1)
    const b = randomTensor([70, 50], 2)
    const before = native.currentIsa()
    const packed = new PackedMatrix(70, 50).pack(b)
    const expected = matmulPacked(a, packed).toArray()
    for (const isa of native.availableIsas()) {
      native.selectIsa(isa)
      expect(matmulPacked(a, packed).toArray()).toEqual(expected)
    }
    native.selectIsa(before)
  })

  it('refuses what does not fit, and what is not packed', () => {
    const packed = new PackedMatrix(3, 4)
    expect(() => matmulPacked(Tensor.zeros([2, 3]), packed)).toThrow(
      'matmul: b is not packed yet: call pack first',
    )
    expect(() => packed.pack(Tensor.zeros([4, 3]))).toThrow('pack: b: expected the shape [3, 4], got [4, 3]')
    expect(() => matmulPacked(Tensor.zeros([2, 4]), packed)).toThrow(
      'inner dimensions differ: a is [2, 4], b is [3, 4] packed',
    )
  })
})
