import { describe, expect, it, vi } from 'vitest'
import { type Batch3, TimeDropout } from '../../src/layers/index.ts'
import { native } from '../../src/native.ts'
import { Random, Tape, Tensor } from '../../src/tensor/index.ts'
import { expectExactly } from '../support/floats.ts'
import { describeEachIsa } from '../support/instruction-sets.ts'
import { streamWords } from '../support/philox.ts'
import { blockOf } from '../support/recurrent-kinds.ts'
import { elements } from '../support/reference-ops.ts'
import { expectSameBits } from '../support/thread-counts.ts'

const ones = (N: number, T: number, H: number): Batch3 => Tensor.full([N, T, H], 1)

/** The next mask of a layer: what becomes of ones. */
function maskOf(layer: TimeDropout, N = 2, T = 3, H = 5): number[] {
  return [...layer.forward(ones(N, T, H)).data]
}

/** The mask as it should be: a word below ratio · 2³² leaves its element out. */
function expectedMask(seed: bigint, block: bigint, ratio: number, size: number): number[] {
  const kept = Math.fround(1 / (1 - ratio))
  return streamWords(seed, block, size).map((word) => (word < ratio * 2 ** 32 ? 0 : kept))
}

describe('the mask of TimeDropout', () => {
  it.each([
    [0.5, 1, 1, 1],
    [0.5, 2, 3, 5],
    [0.2, 3, 1, 7],
    [0.9, 4, 2, 8],
    [1e-9, 1, 5, 13],
    [1 - 2 ** -32, 2, 2, 9],
  ])('is 0 or 1 / (1 − ratio) by the words of the generator, ratio %d', (ratio, N, T, H) => {
    const layer = new TimeDropout(ratio, { rng: new Random(77) })
    expect(maskOf(layer, N, T, H)).toEqual(expectedMask(77n, 0n, ratio, N * T * H))
  })

  it('is another one each time, from the next whole block of four words on', () => {
    const rng = new Random(2n ** 63n + 5n)
    const layer = new TimeDropout(0.5, { rng })
    rng.uniform()
    expect(maskOf(layer)).toEqual(expectedMask(rng.seed, 1n, 0.5, 30))
    expect(rng.state.position).toBe(4 + 32)
    expect(maskOf(layer)).toEqual(expectedMask(rng.seed, 9n, 0.5, 30))
    expect(rng.state.position).toBe(4 + 64)
    expect(rng.uniform()).toBe(streamWords(rng.seed, 17n, 1)[0]! / 2 ** 32)
  })

  it('comes from positions beyond 2^32 words too', () => {
    const rng = Random.fromState({ seed: 9n, position: 2 ** 40 - 3 })
    expect(maskOf(new TimeDropout(0.5, { rng }))).toEqual(expectedMask(9n, 2n ** 38n, 0.5, 30))
    expect(rng.state.position).toBe(2 ** 40 + 32)
  })

  it.each([0.1, 0.5, 0.65])('leaves out as many elements as the ratio says, %d', (ratio) => {
    const size = 20 * 35 * 650
    const mask = maskOf(new TimeDropout(ratio, { rng: new Random(3) }), 20, 35, 650)
    const zeros = mask.filter((value) => value === 0).length
    const deviation = Math.sqrt(size * ratio * (1 - ratio))
    expect(Math.abs(zeros - size * ratio)).toBeLessThan(3.3 * deviation) // exceeded once in 1,000 seeds
  })

  it('is the same for the same seed, and another for another', () => {
    const masks = [8, 8, 9].map((seed) => maskOf(new TimeDropout(0.5, { rng: new Random(seed) })))
    expect(masks[1]).toEqual(masks[0])
    expect(masks[2]).not.toEqual(masks[0])
    expect(maskOf(new TimeDropout())).toEqual(expectedMask(0n, 0n, 0.5, 30))
  })

  it('is the same on any number of threads', () => {
    expectSameBits(() => {
      const layer = new TimeDropout(0.3, { rng: new Random(5) })
      return [layer.forward(ones(7, 11, 999)).clone(), layer.forward(ones(7, 11, 999))]
    })
  })

  it('differs between layers that share a generator', () => {
    const rng = new Random(4)
    const masks = [0, 1].map(() => maskOf(new TimeDropout(0.5, { rng })))
    expect(masks).toEqual([expectedMask(4n, 0n, 0.5, 30), expectedMask(4n, 8n, 0.5, 30)])
  })

  it('comes again after restore', () => {
    const rng = new Random(6)
    const layer = new TimeDropout(0.5, { rng })
    maskOf(layer)
    const { state } = rng
    const masks = [maskOf(layer), maskOf(layer)]
    rng.restore(state)
    expect([maskOf(layer), maskOf(layer)]).toEqual(masks)
    expect(maskOf(new TimeDropout(0.5, { rng: Random.fromState(state) }))).toEqual(masks[0])
  })
})

describeEachIsa('TimeDropout', () => {
  it.each([
    [1, 1, 1],
    [2, 3, 5],
    [3, 1, 17],
    [1, 7, 33],
  ])('is xs · mask, and its gradient dout · mask, N %i, T %i, H %i', (N, T, H) => {
    const layer = new TimeDropout(0.4, { rng: new Random(7) })
    const [xs, dout] = [blockOf(N, T, H, 1), blockOf(N, T, H, 2)]
    const mask = expectedMask(7n, 0n, 0.4, N * T * H)
    const masked = (tensor: Tensor) => ({
      shape: [N, T, H],
      values: elements(tensor).map((value, i) => value * mask[i]!),
    })
    expectExactly(layer.forward(xs), masked(xs))
    expectExactly(layer.backward(dout), masked(dout))
    expectExactly(layer.backward(dout), masked(dout))
  })

  it('takes strided views', () => {
    const [xs, dout] = [blockOf(2, 5, 3, 1).slice(1, 1, 4), blockOf(2, 5, 3, 2).slice(1, 2, 5)]
    const newLayer = () => new TimeDropout(0.5, { rng: new Random(3) })
    const [fromViews, fromCopies] = [newLayer(), newLayer()]
    expect(fromViews.forward(xs).toArray()).toEqual(fromCopies.forward(xs.clone()).toArray())
    expect(fromViews.backward(dout).toArray()).toEqual(fromCopies.backward(dout.clone()).toArray())
  })
})

describe('TimeDropout', () => {
  it('hands on what it is given where training is off, and draws nothing', () => {
    const layer = new TimeDropout(0.5, { rng: new Random(1) })
    expect(layer.training).toBe(true)
    layer.training = false
    const [xs, dout] = [blockOf(2, 3, 4, 1), blockOf(2, 3, 4, 2)]
    expect(layer.forward(xs)).toBe(xs)
    expect(layer.backward(dout)).toBe(dout)
    expect(layer.rng.state.position).toBe(0)
    layer.training = true
    expect(maskOf(layer)).toEqual(expectedMask(1n, 0n, 0.5, 30))
  })

  it('hands on what it is given where the ratio is 0, and draws nothing', () => {
    const layer = new TimeDropout(0, { rng: new Random() })
    const [xs, dout] = [blockOf(2, 3, 4, 1), blockOf(2, 3, 4, 2)]
    expect(layer.forward(xs)).toBe(xs)
    expect(layer.backward(dout)).toBe(dout)
    expect(layer.rng.state.position).toBe(0)
  })

  it('draws other masks than the others that were given no generator', () => {
    expect(maskOf(new TimeDropout())).not.toEqual(maskOf(new TimeDropout()))
  })

  it('goes back through the mask of the last forward, whatever training is by then', () => {
    const layer = new TimeDropout(0.5)
    const mask = maskOf(layer)
    layer.training = false
    expect([...layer.backward(ones(2, 3, 5)).data]).toEqual(mask)
  })

  it('has nothing to learn, and leaves the caller’s tensors alone', () => {
    const layer = new TimeDropout()
    const [xs, dout] = [blockOf(2, 3, 4, 1), blockOf(2, 3, 4, 2)]
    layer.forward(xs)
    layer.backward(dout)
    expect([layer.params, layer.grads]).toEqual([[], []])
    expect(xs.toArray()).toEqual(blockOf(2, 3, 4, 1).toArray())
    expect(dout.toArray()).toEqual(blockOf(2, 3, 4, 2).toArray())
  })

  it('makes no buffers for a shape that it knows', () => {
    const layer = new TimeDropout()
    const blocks = [blockOf(2, 3, 4, 1), blockOf(2, 3, 6, 1)]
    const step = () => blocks.flatMap((block) => [layer.forward(block), layer.backward(block)])
    const before = step()
    const allocations = vi.spyOn(native, 'alignedOffset')
    const after = step()
    expect(allocations).not.toHaveBeenCalled()
    allocations.mockRestore()
    after.forEach((tensor, i) => {
      expect(tensor).toBe(before[i])
    })
  })

  it('draws a new mask each time that a tape runs, the ones that it would draw without', async () => {
    const [recorded, plain] = [0, 1].map(() => new TimeDropout(0.5, { rng: new Random(12) })) as [
      TimeDropout,
      TimeDropout,
    ]
    const [xs, dout] = [blockOf(3, 4, 5, 1), blockOf(3, 4, 5, 2)]
    const step = (layer: TimeDropout) => [layer.forward(xs), layer.backward(dout)]
    let results: Batch3[] = []
    const tape = Tape.record(() => {
      results = step(recorded)
    })
    const arraysOf = (tensors: Batch3[]) => tensors.map((tensor) => tensor.toArray())
    for (const isApart of [false, true, false]) {
      expect(isApart ? await tape.runInBackground() : tape.run()).toBe(true)
      expect(arraysOf(results)).toEqual(arraysOf(step(plain)))
      expect(recorded.rng.state).toEqual(plain.rng.state)
    }
    recorded.rng.restore({ seed: 12n, position: 0 })
    tape.run()
    expect(arraysOf(results)).toEqual(arraysOf(step(new TimeDropout(0.5, { rng: new Random(12) }))))
  })
})

describe('what TimeDropout refuses', () => {
  it.each([
    [1, 'a number in [0, 1), got 1'],
    [1.5, 'a number in [0, 1), got 1.5'],
    [-0.1, 'a finite number of at least 0, got -0.1'],
    [Number.NaN, 'a finite number of at least 0, got NaN'],
    [Infinity, 'a finite number of at least 0, got Infinity'],
  ])('the ratio %d', (ratio, reason) => {
    expect(() => new TimeDropout(ratio)).toThrow(new RangeError(`TimeDropout: ratio: expected ${reason}`))
  })

  it('a ratio that is no number, and what is no generator', () => {
    expect(() => new TimeDropout('0.5' as never)).toThrow(
      new TypeError('TimeDropout: ratio: expected a finite number of at least 0, got "0.5"'),
    )
    expect(() => new TimeDropout(0.5, { rng: Math.random as never })).toThrow(
      new TypeError('TimeDropout: rng: expected a Random, got a function'),
    )
  })

  it('backward before forward, and inputs and gradients that do not fit', () => {
    const layer = new TimeDropout(0.5, { rng: new Random() })
    expect(() => layer.backward(ones(1, 1, 1))).toThrow(new Error('TimeDropout.backward: call forward first'))
    expect(() => layer.forward(Tensor.zeros([2, 3]) as never)).toThrow(
      new RangeError('TimeDropout.forward: xs: expected the shape [N, T, H], got [2, 3]'),
    )
    expect(() => layer.forward(Tensor.zeros([2, 0, 3]))).toThrow(
      new RangeError('TimeDropout.forward: xs: expected the shape [N, T, H], no length 0, got [2, 0, 3]'),
    )
    expect(() => layer.forward(Tensor.zeros([2, 3, 4], 'int32') as never)).toThrow(
      new TypeError('TimeDropout.forward: xs: expected a Tensor of float32, got "int32"'),
    )
    expect(layer.rng.state.position).toBe(0)
    for (const training of [true, false]) {
      layer.training = training
      layer.forward(ones(2, 3, 4))
      expect(() => layer.backward(ones(2, 4, 3))).toThrow(
        new RangeError(
          "TimeDropout.backward: dout: expected the shape of forward's result, [2, 3, 4], got [2, 4, 3]",
        ),
      )
    }
  })
})
