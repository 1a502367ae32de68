import { describe, expect, it, vi } from 'vitest'
import { type Batch3, TimeSoftmaxWithLoss } from '../../src/layers/index.ts'
import { scale, Tensor } from '../../src/tensor/index.ts'
import { expectClose } from '../support/golden.ts'
import { numericGradient } from '../support/gradient-check.ts'
import { describeEachIsa } from '../support/instruction-sets.ts'
import {
  type Ids,
  normalBlock,
  timeSoftmaxWithLossBackward,
  timeSoftmaxWithLossForward,
} from '../support/reference-layers.ts'
import { tokens } from '../support/tokens.ts'

const SHAPES = [
  [1, 1, 1],
  [1, 4, 3],
  [3, 1, 7],
  [2, 3, 16],
  [3, 5, 65],
  [2, 2, 401],
] as const

function idsOf(N: number, T: number, V: number): Ids {
  return Array.from({ length: N }, (_, n) => Array.from({ length: T }, (_, t) => (n * n + 3 * t) % V))
}

function blockOf(N: number, T: number, columns: number, stream: number): Batch3 {
  return Tensor.from(normalBlock(N, T, columns, stream)) as Batch3
}

function expectLoss(actual: number, expected: number): void {
  expect(Math.abs(actual - expected)).toBeLessThan(1e-6 * Math.max(1, expected))
}

describeEachIsa('TimeSoftmaxWithLoss', () => {
  it.each(SHAPES)('is the float64 reference, N %i, T %i, V %i', (N, T, V) => {
    const layer = new TimeSoftmaxWithLoss()
    const [xs, ts] = [normalBlock(N, T, V, 1), idsOf(N, T, V)]
    expectLoss(layer.forward(Tensor.from(xs) as Batch3, tokens(ts)), timeSoftmaxWithLossForward(xs, ts))
    expect(layer.counted).toBe(N * T)
    expectClose(layer.backward(), timeSoftmaxWithLossBackward(xs, ts), 1e-6)
    expectClose(layer.backward(-2.5), timeSoftmaxWithLossBackward(xs, ts, -2.5), 1e-6)
  })

  it.each([
    [
      -1,
      [
        [2, -1, 0],
        [-1, 4, 2],
      ],
    ],
    [
      -100,
      [
        [-100, 0, 1],
        [2, 3, -100],
      ],
    ],
    [
      0,
      [
        [0, 1, 2],
        [3, 0, 4],
      ],
    ],
    [
      9,
      [
        [9, 9, 2],
        [9, 9, 9],
      ],
    ],
  ] as [number, Ids][])('leaves out targets of %i', (ignoreLabel, ts) => {
    const layer = new TimeSoftmaxWithLoss({ ignoreLabel })
    const xs = normalBlock(2, 3, 5, 1)
    expectLoss(
      layer.forward(Tensor.from(xs) as Batch3, tokens(ts)),
      timeSoftmaxWithLossForward(xs, ts, ignoreLabel),
    )
    expect(layer.counted).toBe(ts.flat().filter((target) => target !== ignoreLabel).length)
    expectClose(layer.backward(), timeSoftmaxWithLossBackward(xs, ts, 1, ignoreLabel), 1e-6)
  })

  it('has the gradient of numeric differences', () => {
    const layer = new TimeSoftmaxWithLoss()
    const xs = normalBlock(2, 3, 5, 1)
    const ts = [
      [2, -1, 0],
      [1, 4, 2],
    ]
    layer.forward(Tensor.from(xs) as Batch3, tokens(ts))
    expectClose(
      layer.backward(),
      numericGradient(() => timeSoftmaxWithLossForward(xs, ts), xs),
      1e-6,
    )
  })

  it('does not overflow with large scores', () => {
    const layer = new TimeSoftmaxWithLoss()
    const xs = Tensor.from([
      [
        [1e4, 1e4 - 1, -1e4],
        [-3e38, 3e38, 0],
      ],
    ]) as Batch3
    const loss = layer.forward(xs, tokens([[1, 1]]))
    expectLoss(loss, (1 + Math.log1p(Math.exp(-1))) / 2)
    const p = 1 / (1 + Math.exp(-1))
    expectClose(
      layer.backward(2),
      [
        [
          [p, -p, 0],
          [0, 0, 0],
        ],
      ],
      1e-6,
    )
  })

  it('takes strided views', () => {
    const layer = new TimeSoftmaxWithLoss()
    const xs = blockOf(2, 4, 5, 1).slice(1, 1, 3)
    const ts = tokens(idsOf(2, 4, 5)).slice(1, 1, 3)
    expect(xs.isContiguous || ts.isContiguous).toBe(false)
    const loss = layer.forward(xs, ts)
    const dxs = layer.backward().toArray()
    expect(layer.forward(xs.clone(), ts.clone())).toBe(loss)
    expect(layer.backward().toArray()).toEqual(dxs)
  })
})

describe('TimeSoftmaxWithLoss', () => {
  const V = 5

  it('has no parameters', () => {
    const layer = new TimeSoftmaxWithLoss()
    expect([layer.params, layer.grads, layer.ignoreLabel]).toEqual([[], [], -1])
  })

  it('is NaN where no target counts, and hands back a gradient of zero', () => {
    const layer = new TimeSoftmaxWithLoss()
    layer.forward(blockOf(1, 2, V, 1), tokens([[0, 1]]))
    layer.backward()
    expect(layer.forward(blockOf(1, 2, V, 1), tokens([[-1, -1]]))).toBeNaN()
    expect(layer.counted).toBe(0)
    expect(layer.backward().toArray()).toEqual(Tensor.zeros([1, 2, V]).toArray())
  })

  it('belongs to the targets of forward, even if the caller’s tensor has changed since', () => {
    const layer = new TimeSoftmaxWithLoss()
    const ts = tokens([[3, 1]])
    layer.forward(blockOf(1, 2, V, 1), ts)
    const dxs = layer.backward().toArray()
    ts.fill(0)
    expect(layer.backward().toArray()).toEqual(dxs)
  })

  it('does not look at the scores again after forward', () => {
    const layer = new TimeSoftmaxWithLoss()
    const xs = blockOf(1, 2, V, 1)
    layer.forward(xs, tokens([[3, 1]]))
    const dxs = layer.backward().toArray()
    xs.fill(0)
    expect(layer.backward().toArray()).toEqual(dxs)
  })

  it('hands on its gradient as often as it is asked for, times dout', () => {
    const layer = new TimeSoftmaxWithLoss()
    layer.forward(blockOf(2, 3, V, 1), tokens(idsOf(2, 3, V)))
    const dxs = layer.backward()
    const [once, twice] = [dxs.toArray(), scale(dxs, 2).toArray()]
    expect(layer.backward(2).toArray()).toEqual(twice)
    expect(dxs.toArray()).toEqual(once)
    expect(layer.backward(0).data.every((value) => value === 0)).toBe(true)
    expect(layer.backward(2).toArray()).toEqual(twice)
    expect(layer.backward().toArray()).toEqual(once)
  })

  it('gives the loss alone with training off', () => {
    const layer = new TimeSoftmaxWithLoss()
    const [xs, ts] = [blockOf(2, 3, V, 1), tokens(idsOf(2, 3, V))]
    const loss = layer.forward(xs, ts)
    const dxs = layer.backward()
    const before = dxs.toArray()
    layer.training = false
    expect(layer.forward(scale(xs, 2) as Batch3, ts)).not.toBe(loss)
    expect(layer.forward(xs, ts)).toBe(loss)
    expect(layer.counted).toBe(6)
    expect(dxs.toArray()).toEqual(before)
  })

  it('makes no N·T·V floats with training off', () => {
    const layer = new TimeSoftmaxWithLoss()
    layer.training = false
    const [xs, ts] = [blockOf(2, 3, V, 1), tokens(idsOf(2, 3, V))]
    const allocations = vi.spyOn(Tensor, 'fixed')
    layer.forward(xs, ts)
    expect(allocations).not.toHaveBeenCalled()
    layer.training = true
    layer.forward(xs, ts)
    expect(allocations).toHaveBeenCalledTimes(1)
    allocations.mockRestore()
  })

  it('uses its buffer again, and shapes may take turns', () => {
    const layer = new TimeSoftmaxWithLoss()
    for (const [N, T] of [
      [2, 3],
      [3, 2],
      [2, 3],
      [1, 5],
      [3, 2],
    ] as const) {
      const [xs, ts] = [blockOf(N, T, V, 1), tokens(idsOf(N, T, V))]
      const fresh = new TimeSoftmaxWithLoss()
      expect(layer.forward(xs, ts)).toBe(fresh.forward(xs, ts))
      const dxs = layer.backward()
      expect(dxs.shape).toEqual(xs.shape)
      expect(dxs.toArray()).toEqual(fresh.backward().toArray())
      expect(layer.backward().data).toBe(dxs.data)
    }
  })

  it('leaves the caller’s tensors alone', () => {
    const layer = new TimeSoftmaxWithLoss()
    const [xs, ts] = [blockOf(2, 3, V, 1), tokens(idsOf(2, 3, V))]
    const before = [xs.toArray(), ts.toArray()]
    layer.forward(xs, ts)
    layer.backward()
    expect([xs.toArray(), ts.toArray()]).toEqual(before)
  })
})

describe('TimeSoftmaxWithLoss errors', () => {
  const layer = new TimeSoftmaxWithLoss()
  const xs = blockOf(2, 2, 5, 1)

  it('say that forward comes first', () => {
    const advice = new Error('TimeSoftmaxWithLoss.backward: call forward first, with training on')
    expect(() => layer.backward()).toThrow(advice)
    const ts = tokens([
      [0, 1],
      [2, 3],
    ])
    const other = new TimeSoftmaxWithLoss()
    other.forward(xs, ts)
    other.training = false
    other.forward(xs, ts)
    expect(() => other.backward()).toThrow(advice)
    other.training = true
    expect(() => other.forward(xs, ts.fill(5))).toThrow('outside 0…4')
    expect(() => other.backward()).toThrow(advice)
  })

  it('name the target and its place', () => {
    const refused = (ts: Ids, message: string, ignoreLabel = -1) =>
      expect(() => new TimeSoftmaxWithLoss({ ignoreLabel }).forward(xs, tokens(ts))).toThrow(
        new RangeError(message),
      )
    refused(
      [
        [0, 5],
        [0, 0],
      ],
      'TimeSoftmaxWithLoss.forward: ts: token id 5 at [0, 1] is outside 0…4',
    )
    refused(
      [
        [0, -1],
        [-2, 0],
      ],
      'TimeSoftmaxWithLoss.forward: ts: token id -2 at [1, 0] is outside 0…4',
    )
    refused(
      [
        [-1, 0],
        [0, 0],
      ],
      'TimeSoftmaxWithLoss.forward: ts: token id -1 at [0, 0] is outside 0…4',
      3,
    )
  })

  it('name the argument that does not fit', () => {
    const ts = tokens([
      [0, 1],
      [2, 3],
    ])
    expect(() => layer.forward(Tensor.zeros([4, 5]) as never, ts)).toThrow(
      new RangeError('TimeSoftmaxWithLoss.forward: xs: expected the shape [N, T, V], got [4, 5]'),
    )
    expect(() => layer.forward(xs, tokens([[0, 1]]))).toThrow(
      new RangeError('TimeSoftmaxWithLoss.forward: ts: expected the shape [N = 2, T = 2], got [1, 2]'),
    )
    expect(() => layer.forward(xs, Tensor.zeros([2, 2]) as never)).toThrow(
      new TypeError('TimeSoftmaxWithLoss.forward: ts: expected a Tensor of int32, got "float32"'),
    )
    layer.forward(xs, ts)
    expect(() => layer.backward(Number.NaN)).toThrow(
      new RangeError('TimeSoftmaxWithLoss.backward: dout: expected a finite number, got NaN'),
    )
    expect(() => new TimeSoftmaxWithLoss({ ignoreLabel: 0.5 })).toThrow(
      'TimeSoftmaxWithLoss: ignoreLabel: expected an integer',
    )
  })
})
