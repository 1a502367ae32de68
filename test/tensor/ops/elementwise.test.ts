import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  add,
  addProduct,
  axpy,
  div,
  exp,
  mul,
  scale,
  sigmoid,
  sigmoidGradient,
  sub,
  Tensor,
  tanh,
  tanhGradient,
} from '../../../src/tensor/index.ts'
import { errorInUnits, expectExactly, expectWithin, ROUNDING } from '../../support/floats.ts'
import { describeEachIsa } from '../../support/instruction-sets.ts'
import { expectNothingElseWritten, inLayout, LAYOUTS } from '../../support/layouts.ts'
import { LENGTHS, randomTensor } from '../../support/random-tensor.ts'
import { broadcast, elements } from '../../support/reference-ops.ts'

const ARITHMETIC = {
  add: { op: add, truth: (a: number, b: number) => a + b },
  sub: { op: sub, truth: (a: number, b: number) => a - b },
  mul: { op: mul, truth: (a: number, b: number) => a * b },
  div: { op: div, truth: (a: number, b: number) => a / b },
}

/** How a gradient a comes through b = tanh(…) or sigmoid(…). */
const GRADIENTS = {
  tanhGradient: { op: tanhGradient, through: tanh, truth: (a: number, b: number) => a * (1 - b * b) },
  sigmoidGradient: {
    op: sigmoidGradient,
    through: sigmoid,
    truth: (a: number, b: number) => a * b * (1 - b),
  },
}

const FUNCTIONS = {
  tanh: { op: tanh, truth: Math.tanh, units: 2 },
  exp: { op: exp, truth: Math.exp, units: 2 },
  sigmoid: { op: sigmoid, truth: (x: number) => 1 / (1 + Math.exp(-x)), units: 3 },
}

/** A shape of rank 0 to 4, and for each operand how many leading axes it lacks and which of the others it repeats. */
const broadcasting = fc.record({
  shape: fc.oneof(
    fc.constant<number[]>([]),
    fc
      .tuple(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }), fc.constantFrom(...LENGTHS))
      .map(([leading, last]) => [...leading, last]),
  ),
  operands: fc.tuple(...([0, 1] as const).map(() => operandOf())),
  outLayout: fc.option(fc.constantFrom(...LAYOUTS)),
  seed: fc.integer({ min: 0, max: 1e6 }),
  withSpecials: fc.boolean(),
})

function operandOf() {
  return fc.record({
    missing: fc.integer({ min: 0, max: 4 }),
    repeats: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    layout: fc.constantFrom(...LAYOUTS),
  })
}

type Broadcasting = typeof broadcasting extends fc.Arbitrary<infer Drawn> ? Drawn : never

/** The two operands that were drawn: `values` makes the elements of each from a seed. */
function operandsOf(
  { shape, operands, seed }: Broadcasting,
  values: (shape: number[], seed: number) => Tensor,
): [Tensor, Tensor] {
  return operands.map(({ missing, repeats, layout }, i) => {
    const own = shape.map((length, axis) => (repeats[axis] ? 1 : length)).slice(missing)
    return inLayout(values(own, seed + i), layout)
  }) as [Tensor, Tensor]
}

describeEachIsa('arithmetic', () => {
  for (const [name, { op, truth }] of Object.entries(ARITHMETIC)) {
    it(`${name} broadcasts as NumPy does and rounds once, in every layout`, () => {
      fc.assert(
        fc.property(broadcasting, (drawn) => {
          const [a, b] = operandsOf(drawn, (shape, seed) => randomTensor(shape, seed, drawn.withSpecials))
          const expected = broadcast(a, b, truth)
          if (drawn.outLayout === null) {
            expectExactly(op(a, b), expected)
            return
          }
          const out = inLayout(Tensor.zeros(expected.shape), drawn.outLayout)
          expect(op(a, b, { out })).toBe(out)
          expectExactly(out, expected)
          if (!elements(out).some(Number.isNaN)) expectNothingElseWritten(out)
        }),
        { seed: 1, numRuns: 150 },
      )
    })
  }

  for (const [name, { op, through, truth }] of Object.entries(GRADIENTS)) {
    it(`${name} is a gradient through ${through.name}, broadcast, in every layout`, () => {
      fc.assert(
        fc.property(broadcasting, (drawn) => {
          const [a, x] = operandsOf(drawn, randomTensor)
          const b = inLayout(through(x), drawn.operands[1]!.layout)
          const expected = broadcast(a, b, truth)
          const sizes = broadcast(a, b, (gradient) => Math.abs(gradient)).values
          const limit = (i: number) => 4 * ROUNDING * sizes[i]!
          if (drawn.outLayout === null) {
            expectWithin(op(a, b), expected, limit)
            return
          }
          const out = inLayout(Tensor.zeros(expected.shape), drawn.outLayout)
          expect(op(a, b, { out })).toBe(out)
          expectWithin(out, expected, limit)
          expectNothingElseWritten(out)
        }),
        { seed: 2, numRuns: 100 },
      )
    })

    it(`${name} of NaN is NaN, and nothing comes through the flat ends`, () => {
      const gradients = op(Tensor.from([Number.NaN, 1, Infinity, 2]), Tensor.from([0.5, Number.NaN, 0.5, 1]))
      expect(gradients.toArray()).toEqual([Number.NaN, Number.NaN, Infinity, 0])
    })
  }

  it('addProduct adds a · b to out, broadcast, in every layout', () => {
    fc.assert(
      fc.property(broadcasting, (drawn) => {
        const [a, b] = operandsOf(drawn, randomTensor)
        const products = broadcast(a, b, (x, y) => x * y)
        const before = randomTensor(products.shape, drawn.seed + 2)
        const out = inLayout(before, drawn.outLayout ?? 'contiguous')
        const values = products.values.map((product, i) => product + before.data[i]!)
        const sizes = products.values.map((product, i) => Math.abs(product) + Math.abs(before.data[i]!))
        expect(addProduct(a, b, { out })).toBe(out)
        expectWithin(out, { shape: products.shape, values }, (i) => 2 * ROUNDING * sizes[i]!)
        expectNothingElseWritten(out)
      }),
      { seed: 3, numRuns: 150 },
    )
  })

  it('addProduct where out is an operand, or overlaps one', () => {
    for (const columns of LENGTHS) {
      const x = randomTensor([3, columns], 1)
      const y = randomTensor([3, columns], 2)
      const expected = broadcast(x, y, (a, b) => a + a * b)
      const sizes = broadcast(x, y, (a, b) => Math.abs(a) + Math.abs(a * b)).values
      const [first, second] = [x.clone(), x.clone()]
      expectWithin(addProduct(first, y, { out: first }), expected, (i) => 2 * ROUNDING * sizes[i]!)
      expectWithin(addProduct(y, second, { out: second }), expected, (i) => 2 * ROUNDING * sizes[i]!)
    }
    const line = Tensor.from([1, 2, 3, 4])
    addProduct(line.slice(0, 0, 3), Tensor.full([], 10), { out: line.slice(0, 1, 4) })
    expect(line.toArray()).toEqual([1, 12, 23, 34])
  })

  it('writes over an operand', () => {
    for (const columns of LENGTHS) {
      const x = randomTensor([3, columns], 1)
      const y = randomTensor([3, columns], 2)
      const expected = broadcast(x, y, (a, b) => a - b)
      const [first, second] = [x.clone(), y.clone()]
      expectExactly(sub(first, y, { out: first }), expected)
      expectExactly(sub(x, second, { out: second }), expected)
    }
  })

  it('is right where out overlaps an operand that it repeats or shifts', () => {
    const x = randomTensor([20, 20], 3)
    const row = x.select(0, 7)
    const expectedSum = broadcast(x, row, (a, b) => a + b)
    expectExactly(add(x, row, { out: x }), expectedSum)

    const line = randomTensor([200], 4)
    const [from, to] = [line.slice(0, 0, 199), line.slice(0, 1, 200)]
    const expectedShift = broadcast(from, Tensor.full([], 2), (a, b) => a * b)
    expectExactly(mul(from, Tensor.full([], 2), { out: to }), expectedShift)
  })

  it('takes columns of one matrix that lie side by side without a mistake', () => {
    const gates = randomTensor([5, 12], 5)
    const [f, g] = [gates.slice(1, 0, 4), gates.slice(1, 4, 8)]
    const expected = broadcast(f, g, (a, b) => a * b)
    expectExactly(mul(f, g, { out: g }), expected)
    expectExactly(gates.slice(1, 0, 4), { shape: [5, 4], values: elements(f) })
  })
})

describeEachIsa('functions of one tensor', () => {
  for (const [name, { op, truth, units }] of Object.entries(FUNCTIONS)) {
    it(`${name} at every length and layout, with and without out`, () => {
      for (const columns of LENGTHS) {
        for (const layout of LAYOUTS) {
          const a = inLayout(scale(randomTensor([3, columns], columns), 4), layout)
          const truths = elements(a).map(truth)
          const check = (result: Tensor): void => {
            expect(result.shape).toEqual([3, columns])
            elements(result).forEach((value, i) => {
              if (errorInUnits(value, truths[i]!) > units)
                expect.fail(`${name} at ${i}: ${value}, not ${truths[i]}`)
            })
          }
          check(op(a))
          const out = inLayout(Tensor.zeros([3, columns]), layout)
          expect(op(a, { out })).toBe(out)
          check(out)
          expectNothingElseWritten(out)
          check(op(a, { out: a }))
        }
      }
    })

    it(`${name} where out overlaps its operand, one place further`, () => {
      const line = randomTensor([100], 6)
      const from = line.slice(0, 0, 99)
      const expected = op(from.clone()).toArray()
      expect(op(from, { out: line.slice(0, 1, 100) }).toArray()).toEqual(expected)
    })
  }
})

describeEachIsa('scale and axpy', () => {
  it('scale rounds once, in every layout', () => {
    for (const columns of LENGTHS) {
      for (const layout of LAYOUTS) {
        const a = inLayout(randomTensor([3, columns], columns, true), layout)
        const expected = { shape: [3, columns], values: elements(a).map((x) => x * Math.fround(-0.3)) }
        expectExactly(scale(a, -0.3), expected)
        expectExactly(scale(a, -0.3, { out: a }), expected)
      }
    }
    expect(scale(Tensor.from([1, -1, 0]), Infinity).toArray()).toEqual([Infinity, -Infinity, Number.NaN])
  })

  it('scale and axpy where the operands overlap, one place apart', () => {
    const line = randomTensor([100], 7)
    const values = elements(line)
    expectExactly(scale(line.slice(0, 0, 99), 3, { out: line.slice(0, 1, 100) }), {
      shape: [99],
      values: values.slice(0, 99).map((x) => x * 3),
    })
    const other = randomTensor([100], 8)
    const before = elements(other)
    expectExactly(axpy(1, other.slice(0, 0, 99), other.slice(0, 1, 100)), {
      shape: [99],
      values: before.slice(0, 99).map((x, i) => x + before[i + 1]!),
    })
  })

  it('axpy adds in place and returns y, in every pair of layouts', () => {
    for (const columns of LENGTHS) {
      for (const layoutOfX of LAYOUTS) {
        for (const layoutOfY of LAYOUTS) {
          const x = inLayout(randomTensor([3, columns], columns), layoutOfX)
          const y = inLayout(randomTensor([3, columns], columns + 100), layoutOfY)
          const alpha = Math.fround(0.7)
          const expected = broadcast(x, y, (a, b) => alpha * a + b)
          const sizes = broadcast(x, y, (a, b) => Math.abs(alpha * a) + Math.abs(b)).values
          expect(axpy(0.7, x, y)).toBe(y)
          expectWithin(y, expected, (i) => 2 * ROUNDING * sizes[i]!)
          expectNothingElseWritten(y)
        }
      }
    }
  })

  it('axpy of zeros leaves y as it is, but for factors that are infinite or NaN', () => {
    for (const size of [1, 15, 16, 17, 40]) {
      const y = randomTensor([size], size)
      const before = y.toArray()
      const zeros = Tensor.zeros([size])
      expect(axpy(0.5, zeros, y).toArray()).toEqual(before)
      for (const alpha of [Infinity, Number.NaN]) {
        expect(axpy(alpha, zeros, y.clone()).toArray()).toEqual(Array(size).fill(Number.NaN))
      }
    }
  })

  it('fill tells 0 from −0, and writes what is there already', () => {
    for (const size of [1, 16, 17, 40]) {
      const tensor = Tensor.full([size], -0)
      const values = (value: number) => [...tensor.fill(value).data]
      for (const value of [0, -0, 0, 2.5, 2.5, Number.NaN, Number.NaN]) {
        expect(values(value)).toEqual(Array(size).fill(value))
      }
    }
  })

  it('axpy may add a tensor to itself', () => {
    const x = randomTensor([5, 5], 9)
    const expected = { shape: [5, 5], values: elements(x).map((value) => 3 * value) }
    expectWithin(axpy(2, x, x), expected, (i) => 2 * ROUNDING * Math.abs(expected.values[i]!))
  })
})

describe('what elementwise operations refuse', () => {
  const matrix = Tensor.zeros([2, 3])
  const ids = Tensor.zeros([2, 3], 'int32') as unknown as Tensor

  it.each([
    [
      'shapes that cannot be broadcast',
      () => add(matrix, Tensor.zeros([2])),
      'add: shapes cannot be broadcast together: a is [2, 3], b is [2]',
    ],
    [
      'a length of 0 against 3',
      () => mul(matrix, Tensor.zeros([2, 0])),
      'mul: shapes cannot be broadcast together',
    ],
    ['int32', () => sub(matrix, ids), 'sub: b: expected a Tensor of float32, got "int32"'],
    [
      'what is no tensor',
      () => div([1, 2] as unknown as Tensor, matrix),
      'div: a: expected a Tensor, got [1, 2]',
    ],
    [
      'an out of another shape',
      () => add(matrix, matrix, { out: Tensor.zeros([3, 2]) }),
      'add: out: expected the shape [2, 3], got [3, 2]',
    ],
    [
      'an out of the operand that would have to grow',
      () => add(Tensor.zeros([3]), matrix, { out: Tensor.zeros([3]) }),
      'add: out: expected the shape [2, 3], got [3]',
    ],
    [
      'an out of int32',
      () => tanh(matrix, { out: ids }),
      'tanh: out: expected a Tensor of float32, got "int32"',
    ],
    [
      'an addProduct to another shape',
      () => addProduct(matrix, matrix, { out: Tensor.zeros([3]) }),
      'addProduct: out: expected the shape [2, 3], got [3]',
    ],
    [
      'a sigmoidGradient of int32',
      () => sigmoidGradient(matrix, ids),
      'sigmoidGradient: b: expected a Tensor of float32, got "int32"',
    ],
    ['an exp of int32', () => exp(ids), 'exp: a: expected a Tensor of float32, got "int32"'],
    [
      'a factor that is no number',
      () => scale(matrix, '2' as unknown as number),
      'scale: factor: expected a number, got "2"',
    ],
    [
      'an alpha that is no number',
      () => axpy(undefined as unknown as number, matrix, matrix),
      'axpy: alpha: expected a number, got undefined',
    ],
    [
      'an x of another shape',
      () => axpy(1, Tensor.zeros([3]), matrix),
      'axpy: x: expected the shape [2, 3], got [3]',
    ],
  ])('%s', (_, run, message) => {
    expect(run).toThrow(message)
  })
})
