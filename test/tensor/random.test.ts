import { describe, expect, it } from 'vitest'
import { native } from '../../src/native.ts'
import { Random, Tensor } from '../../src/tensor/index.ts'
import { dropoutMask } from '../../src/tensor/ops/dropout.ts'
import { ROUNDING } from '../support/floats.ts'
import { describeEachIsa } from '../support/instruction-sets.ts'
import { type FourWords, normalsFrom, philox, streamWords } from '../support/philox.ts'
import { sumOf } from '../support/reference-ops.ts'

const LARGEST_SEED = 2n ** 64n - 1n
const SEEDS = [0n, 1n, 12345n, 2n ** 32n, 2n ** 63n + 17n, LARGEST_SEED]

function bits(data: Float32Array): number[] {
  return [...new Uint32Array(data.buffer, data.byteOffset, data.length)]
}

function mean(values: ArrayLike<number>): number {
  return sumOf(Array.from(values)) / values.length
}

/** The largest distance between the samples' distribution and the true one (Kolmogorov and Smirnov), times √n. */
function distanceFrom(distribution: (x: number) => number, samples: Float32Array): number {
  const n = samples.length
  const gaps = samples.toSorted().map((x, i) => {
    return Math.max(distribution(x) - i / n, (i + 1) / n - distribution(x))
  })
  return Math.max(...gaps) * Math.sqrt(n)
}

/** Φ by its power series, for |x| < 6. */
function normalDistribution(x: number): number {
  let [term, sum] = [x, x]
  for (let k = 1; k < 100; k++) {
    term *= -(x * x) / (2 * k)
    sum += term / (2 * k + 1)
  }
  return 0.5 + sum / Math.sqrt(2 * Math.PI)
}

describe('Philox4x32-10', () => {
  it.each<[FourWords, [bigint, bigint], FourWords]>([
    [
      [0n, 0n, 0n, 0n],
      [0n, 0n],
      [0x6627e8d5n, 0xe169c58dn, 0xbc57ac4cn, 0x9b00dbd8n],
    ],
    [
      [0xffffffffn, 0xffffffffn, 0xffffffffn, 0xffffffffn],
      [0xffffffffn, 0xffffffffn],
      [0x408f276dn, 0x41c83b0en, 0xa20bc7c6n, 0x6d5451fdn],
    ],
    [
      [0x243f6a88n, 0x85a308d3n, 0x13198a2en, 0x03707344n],
      [0xa4093822n, 0x299f31d0n],
      [0xd16cfe09n, 0x94fdccebn, 0x5001e420n, 0x24126ea1n],
    ],
  ])('the reference gives the known answer for counter %s', (counter, key, answer) => {
    expect(philox(counter, key)).toEqual(answer)
  })

  it('the native generator gives the known answer for zeros', () => {
    const words = new Uint32Array(4)
    native.fillBits(0n, 0n, 4, words, 0)
    expect([...words]).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8])
  })

  it('the native generator equals the reference for any seed, counter and count', () => {
    for (const seed of SEEDS) {
      for (const counter of [0n, 1n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 51n, 2n ** 64n - 3n]) {
        for (const count of [0, 1, 3, 4, 5, 11]) {
          const words = new Uint32Array(count + 2).fill(7)
          native.fillBits(seed, counter, count, words, 1)
          expect([...words]).toEqual([7, ...streamWords(seed, counter, count), 7])
        }
      }
    }
  })
})

describe('Random', () => {
  it('takes single words of its stream in order', () => {
    const rng = new Random(42)
    const words = streamWords(42n, 0n, 600)
    expect(Array.from(words, () => rng.uniform())).toEqual(words.map((word) => word / 2 ** 32))
    expect(rng.state).toEqual({ seed: 42n, position: 600 })
  })

  it('fills from whole blocks of four words, from the next one that is unused', () => {
    const rng = new Random(5)
    rng.uniform()
    const data = new Float32Array(6)
    rng.fillNormal(data)
    expect(rng.state.position).toBe(12)
    normalsFrom(streamWords(5n, 1n, 6)).forEach((truth, i) => {
      expect(Math.abs(data[i]! - truth)).toBeLessThanOrEqual(2 * ROUNDING * Math.abs(truth))
    })
    expect(rng.uniform()).toBe(streamWords(5n, 3n, 1)[0]! / 2 ** 32)
    rng.fillUniform(new Float32Array(0))
    expect(rng.state.position).toBe(16)
  })

  it('continues from a saved state, at any position', () => {
    const rng = new Random(LARGEST_SEED)
    for (let i = 0; i < 70; i++) {
      const copy = Random.fromState(rng.state)
      const [first, second] = [new Float32Array(5), new Float32Array(5)]
      Random.fromState(rng.state).fillNormal(first)
      copy.fillNormal(second)
      expect(second).toEqual(first)
      const again = Random.fromState(rng.state)
      expect(again.uniform()).toBe(rng.uniform())
      expect(again.state).toEqual(rng.state)
      if (i % 7 === 0) rng.fillUniform(new Float32Array(i))
    }
  })

  it('goes back or ahead to a restored state, near and far', () => {
    const rng = new Random(21)
    const words = streamWords(21n, 0n, 2000)
    for (const position of [0, 1, 7, 255, 256, 1023, 1024, 1900, 3, 0]) {
      rng.restore({ seed: 21n, position })
      expect(rng.state.position).toBe(position)
      for (let i = position; i < position + 50; i++) expect(rng.uniform()).toBe(words[i]! / 2 ** 32)
    }
  })

  it('keeps its position in a scalar that operations advance', () => {
    const rng = new Random(22)
    const { position } = rng
    rng.uniform()
    expect(position.value).toBe(1)
    dropoutMask(rng, 0.5, Tensor.zeros([5]))
    expect(position.value).toBe(12)
    expect(rng.uniform()).toBe(streamWords(22n, 3n, 1)[0]! / 2 ** 32)
    rng.restore({ seed: 22n, position: 5 })
    expect(rng.position).toBe(position)
    expect(position.value).toBe(5)
  })

  it('makes the same numbers in pieces that end with a block as in one go', () => {
    const whole = new Float32Array(64)
    new Random(3).fillNormal(whole)
    const rng = new Random(3)
    const pieces = [4, 8, 20, 32].map((length) => {
      const piece = new Float32Array(length)
      rng.fillNormal(piece)
      return [...piece]
    })
    expect(pieces.flat()).toEqual([...whole])
  })

  it('reaches positions beyond 2^32 words', () => {
    const position = 2 ** 40 + 5
    const rng = Random.fromState({ seed: 9n, position })
    expect(rng.uniform()).toBe(streamWords(9n, 2n ** 38n + 1n, 2)[1]! / 2 ** 32)
  })

  it('takes a seed as a number or a BigInt', () => {
    expect(new Random(77).uniform()).toBe(new Random(77n).uniform())
    expect(new Random().seed).toBe(0n)
  })

  it('integer is below its limit and takes all values alike', () => {
    const rng = new Random(8)
    const counts = new Array<number>(10).fill(0)
    for (let i = 0; i < 20_000; i++) counts[rng.integer(10)]!++
    const chiSquare = sumOf(counts.map((count) => (count - 2000) ** 2 / 2000))
    expect(chiSquare).toBeLessThan(27.9) // 9 degrees of freedom: exceeded once in 1,000 seeds
    expect(new Random(1).integer(1)).toBe(0)
    expect(new Random(1).integer(2 ** 32)).toBe(streamWords(1n, 0n, 1)[0])
  })

  it.each([
    ['Random: seed: expected an integer of at least 0, got -1', () => new Random(-1)],
    ['Random: seed: expected an integer of at least 0, got 1.5', () => new Random(1.5)],
    ['Random: seed: expected an integer of at least 0, got "7"', () => new Random('7' as unknown as number)],
    ['Random: seed: expected an integer in 0…2^64 − 1, got -1', () => new Random(-1n)],
    [
      'Random: seed: expected an integer in 0…2^64 − 1, got 18446744073709551616',
      () => new Random(2n ** 64n),
    ],
    ['Random.fromState: position: expected an integer', () => Random.fromState({ seed: 1n, position: -4 })],
    ['Random.restore: seed: expected 1, got 2', () => new Random(1).restore({ seed: 2n, position: 0 })],
    [
      'Random.restore: position: expected an integer of at least 0, got -1',
      () => new Random(1).restore({ seed: 1n, position: -1 }),
    ],
    [
      'Random.restore: position: expected an integer of at least 0, got 0.5',
      () => new Random(1).restore({ seed: 1n, position: 0.5 }),
    ],
    ['Random.integer: limit: expected an integer in 1…4294967296, got 0', () => new Random().integer(0)],
    ['Random.integer: limit: expected an integer', () => new Random().integer(2 ** 33)],
    [
      'Random.fillUniform: high: expected a number above low (1), got 1',
      () => new Random().fillUniform(new Float32Array(1), 1, 1),
    ],
    [
      'Random.fillUniform: high: expected a number above low (NaN), got 1',
      () => new Random().fillUniform(new Float32Array(1), Number.NaN, 1),
    ],
    [
      'Random: data: expected a Float32Array, got [1]',
      () => new Random().fillNormal([1] as unknown as Float32Array),
    ],
  ])('refuses: %s', (message, run) => {
    expect(run).toThrow(message)
  })
})

describe('distributions', () => {
  const COUNT = 100_000
  const normals = Tensor.randn([COUNT], { rng: new Random(11) }).data
  const uniforms = Tensor.uniform([COUNT], { rng: new Random(12) }).data

  it('normal numbers are Box and Muller of the words, rounded', () => {
    const truths = normalsFrom(streamWords(11n, 0n, 20_000))
    truths.forEach((truth, i) => {
      if (Math.abs(normals[i]! - truth) > 1.01 * ROUNDING * Math.abs(truth)) {
        expect.fail(`number ${i}: expected ${truth}, got ${normals[i]}`)
      }
    })
  })

  it('uniform numbers are the upper 24 bits of the words', () => {
    const truths = streamWords(12n, 0n, 5000).map((word) => (word >>> 8) / 2 ** 24)
    expect([...uniforms.subarray(0, 5000)]).toEqual(truths)
  })

  it('normal numbers have the moments 0, 1, 0, 3', () => {
    const moments = [1, 2, 3, 4].map((power) => mean(normals.map((x) => x ** power)))
    const deviations = [1, 2, 15, 96].map((variance) => Math.sqrt(variance / COUNT))
    ;[0, 1, 0, 3].forEach((truth, i) => {
      expect(Math.abs(moments[i]! - truth)).toBeLessThan(4 * deviations[i]!)
    })
  })

  it('both have the right distribution function', () => {
    expect(distanceFrom(normalDistribution, normals)).toBeLessThan(1.95) // exceeded once in 1,000 seeds
    expect(distanceFrom((x) => x, uniforms)).toBeLessThan(1.95)
  })

  it('neighbours are not correlated', () => {
    const products = normals.subarray(1).map((x, i) => x * normals[i]!)
    expect(Math.abs(mean(products))).toBeLessThan(4 / Math.sqrt(COUNT))
  })

  it('scale is the standard deviation', () => {
    const scaled = Tensor.randn([100], { rng: new Random(11), scale: 0.01 }).data
    scaled.forEach((x, i) => {
      expect(Math.abs(x - 0.01 * normals[i]!)).toBeLessThanOrEqual(4 * ROUNDING * Math.abs(x))
    })
  })

  it.each([
    [0, 1],
    [-3, 5],
    [1, 1 + 2 ** -23],
    [16777216, 16777218],
    [-2, -1.9999998807907104],
    [0, 2 ** -149],
    [-3e38, 3e38],
  ])('uniform numbers are at least %d and below %d', (low, high) => {
    const { data } = Tensor.uniform([20_000], { rng: new Random(4), low, high })
    expect(data.every((x) => x >= low && x < high)).toBe(true)
  })
})

describeEachIsa('golden bits', () => {
  it('of normal numbers', () => {
    expect(bits(Tensor.randn([8], { rng: new Random(1) }).data)).toEqual([
      0x3ec2c3e3, 0xbe97b1bc, 0xbe7f370c, 0xbf807dbd, 0x3f207fa8, 0xbf224cc3, 0xbf2da335, 0xbf81aca0,
    ])
  })

  it('of uniform numbers', () => {
    const { data } = Tensor.uniform([8], { rng: new Random(LARGEST_SEED), low: -1, high: 1 })
    expect(bits(data)).toEqual([
      0xbdd5b890, 0xbf557172, 0x3e7a0d80, 0xbf3b0ccc, 0xbf4c0256, 0xbed26080, 0x3e696010, 0x3e7f42b8,
    ])
  })

  it('of a hundred thousand normal numbers, as a checksum', () => {
    const words = bits(Tensor.randn([100_000], { rng: new Random(2026) }).data)
    expect(words.reduce((sum, word) => (Math.imul(sum, 31) + word) >>> 0, 0)).toBe(3861419688)
  })
})
