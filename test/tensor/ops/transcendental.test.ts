/**
 * The accuracy of tanh, exp and sigmoid: every 1,009th of all float32 bit patterns, and all patterns around the places
 * where something changes. Math's float64 functions are the truth.
 */
import { expect, it } from 'vitest'
import { exp, sigmoid, Tensor, tanh } from '../../../src/tensor/index.ts'
import { bitsOf, errorInUnits, fromBits, unitInLastPlace } from '../../support/floats.ts'
import { describeEachIsa } from '../../support/instruction-sets.ts'

const STEP = 1009
const NEIGHBOURS = 1500
const SIGN = 0x80000000
const PLACES = [
  0,
  2 ** -149,
  2 ** -126, // the first that is no denormal
  2 ** -24,
  2 ** -12,
  0.34657359, // ln 2 / 2, where exp takes another power of two
  0.625, // where tanh changes its formula
  1,
  9, // where tanh becomes 1
  16.635532,
  87.336548, // exp(−x) becomes a denormal
  88.722839, // exp(x) becomes infinite
  103.27893, // exp(−x) becomes the smallest denormal
  103.97208, // exp(−x) becomes 0
  104,
  3.4028234663852886e38,
  Infinity,
]

function patterns(): Float32Array {
  const middles = PLACES.map(bitsOf)
  const around = middles.flatMap((middle) =>
    Array.from({ length: 2 * NEIGHBOURS + 1 }, (_, i) => Math.max(0, middle - NEIGHBOURS + i)),
  )
  const count = Math.ceil(2 ** 32 / STEP)
  const bits = new Uint32Array(count + 2 * around.length)
  for (let i = 0; i < count; i++) bits[i] = i * STEP
  bits.set(around, count)
  bits.set(
    around.map((pattern) => pattern + SIGN),
    count + around.length,
  )
  return new Float32Array(bits.buffer)
}

const inputs = Tensor.from(patterns())
const FUNCTIONS = [
  { name: 'tanh', op: tanh, truth: Math.tanh, units: 2 },
  { name: 'exp', op: exp, truth: Math.exp, units: 2 },
  { name: 'sigmoid', op: sigmoid, truth: (x: number) => 1 / (1 + Math.exp(-x)), units: 3 },
].map((f) => ({ ...f, truths: new Float64Array(inputs.data).map(f.truth) }))
const results = Tensor.zeros(inputs.shape)

describeEachIsa('accuracy', () => {
  it.each(FUNCTIONS)(
    '$name is at most $units units in the last place from the truth',
    ({ op, truths, units }) => {
      op(inputs, { out: results })
      let [worst, place] = [0, 0]
      for (let i = 0; i < truths.length; i++) {
        const error = errorInUnits(results.data[i]!, truths[i]!)
        if (error > worst) [worst, place] = [error, i]
      }
      expect(
        worst,
        `the error at ${inputs.data[place]}: ${results.data[place]}, not ${truths[place]}`,
      ).toBeLessThanOrEqual(units)
    },
  )

  it('tanh keeps the sign of zero, ends at ±1 and hands NaN on', () => {
    const x = Tensor.from([0, -0, Infinity, -Infinity, Number.NaN, 100, -100])
    expect(tanh(x).toArray()).toEqual([0, -0, 1, -1, Number.NaN, 1, -1])
  })

  it('tanh of a denormal is that denormal', () => {
    const denormals = [1, 2, 3, 0x1234, 0x400000, 0x7fffff].flatMap((bits) => [
      fromBits(bits),
      -fromBits(bits),
    ])
    expect(tanh(Tensor.from(denormals)).toArray()).toEqual(denormals)
  })

  it('tanh is odd, to the bit', () => {
    const x = Tensor.from(inputs.data.subarray(0, 100_000))
    const negated = Tensor.from(x.data.map((value) => -value))
    const mirrored = tanh(x).data.map((value) => -value)
    expect(tanh(negated).data.every((value, i) => Object.is(value, mirrored[i]))).toBe(true)
  })

  it('exp is 1 at ±0, ends at 0 and infinity, and hands NaN on', () => {
    const x = Tensor.from([0, -0, 2 ** -149, Infinity, -Infinity, Number.NaN, 88.72284, 200, -103.98, -200])
    expect(exp(x).toArray()).toEqual([1, 1, 1, Infinity, 0, Number.NaN, Infinity, Infinity, 0, 0])
  })

  it('exp has denormal results, right to 2 of their units', () => {
    const x = Tensor.from(Array.from({ length: 1660 }, (_, i) => -87.34 - i / 100))
    const unit = unitInLastPlace(0)
    exp(x).data.forEach((value, i) => {
      expect(Math.abs(value - Math.exp(x.data[i]!))).toBeLessThanOrEqual(2 * unit)
    })
    expect(exp(Tensor.from([-103])).item()).toBeGreaterThan(0)
  })

  it('sigmoid is ½ at ±0, ends at 0 and 1, and hands NaN on', () => {
    const x = Tensor.from([0, -0, Infinity, -Infinity, Number.NaN, 200, -200])
    expect(sigmoid(x).toArray()).toEqual([0.5, 0.5, 1, 0, Number.NaN, 1, 0])
  })
})
