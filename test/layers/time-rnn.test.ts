import { describe, expect, it } from 'vitest'
import { type Batch2, type Batch3, type Bias, RNN, TimeRNN, type Weights } from '../../src/layers/index.ts'
import { Tensor } from '../../src/tensor/index.ts'
import { expectClose } from '../support/golden.ts'
import { innerProduct, numericGradient } from '../support/gradient-check.ts'
import { describeEachIsa } from '../support/instruction-sets.ts'
import {
  normalBlock,
  normalMatrix,
  normalVector,
  timeRnnBackward,
  timeRnnForward,
  zeroMatrix,
} from '../support/reference-layers.ts'

type Lengths = readonly [N: number, T: number, D: number, H: number]

const SHAPES = [
  [1, 1, 1, 1],
  [1, 4, 3, 2],
  [3, 1, 2, 5],
  [2, 3, 5, 1],
  [4, 6, 9, 17],
  [3, 5, 16, 33],
] as const

/** Weights that keep tanh away from its flat ends, where there would be little to see. */
function weightsOf(D: number, H: number) {
  const shrink = (values: number[], rows: number) =>
    values.map((value) => Math.fround(value / Math.sqrt(rows)))
  return {
    Wx: normalMatrix(D, H, 1).map((row) => shrink(row, D)),
    Wh: normalMatrix(H, H, 2).map((row) => shrink(row, H)),
    b: normalVector(H, 3),
  }
}

function layerOf(D: number, H: number, options: { stateful?: boolean } = { stateful: true }) {
  const { Wx, Wh, b } = weightsOf(D, H)
  return new TimeRNN(Tensor.from(Wx) as Weights, Tensor.from(Wh) as Weights, Tensor.from(b) as Bias, options)
}

function blockOf(N: number, T: number, columns: number, stream: number): Batch3 {
  return Tensor.from(normalBlock(N, T, columns, stream)) as Batch3
}

function stateOf(N: number, H: number): Batch2 {
  return Tensor.from(normalMatrix(N, H, 5)) as Batch2
}

function example([N, T, D, H]: Lengths) {
  const xs = normalBlock(N, T, D, 4)
  const h0 = normalMatrix(N, H, 5)
  const dhs = normalBlock(N, T, H, 6)
  const layer = layerOf(D, H)
  layer.setState(Tensor.from(h0) as Batch2)
  return {
    weights: weightsOf(D, H),
    xs,
    h0,
    dhs,
    layer,
    tensors: { xs: Tensor.from(xs) as Batch3, dhs: Tensor.from(dhs) as Batch3 },
  }
}

describeEachIsa('TimeRNN', () => {
  it.each(SHAPES)('is the float64 reference, N %i, T %i, D %i, H %i', (...shape) => {
    const { weights, xs, h0, dhs, layer, tensors } = example(shape)
    const hs = timeRnnForward(xs, h0, weights)
    const expected = timeRnnBackward(xs, h0, weights, hs, dhs)

    expectClose(layer.forward(tensors.xs), hs)
    expectClose(
      layer.h!,
      hs.map((steps) => steps.at(-1)!),
    )
    expectClose(layer.backward(tensors.dhs), expected.dxs)
    expectClose(layer.dh!, expected.dh0)
    expectClose(layer.grads[0], expected.dWx)
    expectClose(layer.grads[1], expected.dWh)
    expectClose(layer.grads[2], expected.db)
  })

  it.each(SHAPES.slice(0, 4))(
    'has the gradients of numeric differences, N %i, T %i, D %i, H %i',
    (...shape) => {
      const { weights, xs, h0, dhs, layer, tensors } = example(shape)
      const loss = () => innerProduct(timeRnnForward(xs, h0, weights), dhs)

      layer.forward(tensors.xs)
      expectClose(layer.backward(tensors.dhs), numericGradient(loss, xs))
      expectClose(layer.dh!, numericGradient(loss, h0))
      expectClose(layer.grads[0], numericGradient(loss, weights.Wx))
      expectClose(layer.grads[1], numericGradient(loss, weights.Wh))
      expectClose(layer.grads[2], numericGradient(loss, weights.b))
    },
  )

  it('is T calls of RNN', () => {
    const [N, T, D, H] = [3, 5, 7, 9]
    const timeRnn = layerOf(D, H)
    const xs = blockOf(N, T, D, 4)
    const dhs = blockOf(N, T, H, 6)
    timeRnn.setState(stateOf(N, H))
    const hs = timeRnn.forward(xs)
    const dxs = timeRnn.backward(dhs)

    const rnns = Array.from({ length: T }, () => new RNN(...timeRnn.params))
    let h = stateOf(N, H)
    rnns.forEach((rnn, t) => {
      h = rnn.forward(xs.select(1, t), h)
      expectClose(hs.select(1, t), h, 1e-6)
    })
    const totals = timeRnn.grads.map((grad) => Tensor.zeros(grad.shape))
    let dh: Batch2 = Tensor.zeros([N, H])
    for (let t = T - 1; t >= 0; t--) {
      const dhNext = dhs.select(1, t).clone()
      dhNext.data.forEach((value, i) => {
        dhNext.data[i] = value + dh.data[i]!
      })
      const [dx, dhPrev] = rnns[t]!.backward(dhNext)
      expectClose(dxs.select(1, t), dx, 2e-6)
      rnns[t]!.grads.forEach((grad, i) => {
        grad.data.forEach((value, place) => {
          totals[i]!.data[place]! += value
        })
      })
      dh = dhPrev
    }
    expectClose(timeRnn.dh!, dh, 2e-6)
    timeRnn.grads.forEach((grad, i) => {
      expectClose(grad, totals[i]!, 2e-6)
    })
  })

  it('goes on from block to block: two blocks are one long block', () => {
    const [N, T, D, H] = [2, 6, 3, 5]
    const xs = blockOf(N, T, D, 4)
    const whole = layerOf(D, H).forward(xs)
    const layer = layerOf(D, H)
    expectClose(layer.forward(xs.slice(1, 0, 4)), whole.slice(1, 0, 4), 1e-6)
    expectClose(layer.forward(xs.slice(1, 4, 6)), whole.slice(1, 4, 6), 1e-6)
    expectClose(layer.h!, whole.select(1, T - 1), 1e-6)
  })

  it('takes strided views of inputs and gradients', () => {
    const xs = blockOf(2, 5, 3, 4).slice(1, 1, 4)
    const dhs = blockOf(2, 5, 4, 6).slice(1, 2, 5)
    expect(xs.isContiguous || dhs.isContiguous).toBe(false)
    const [fromViews, fromCopies] = [layerOf(3, 4), layerOf(3, 4)]
    expect(fromViews.forward(xs).toArray()).toEqual(fromCopies.forward(xs.clone()).toArray())
    expect(fromViews.backward(dhs).toArray()).toEqual(fromCopies.backward(dhs.clone()).toArray())
    expect(fromViews.grads.map(String)).toEqual(fromCopies.grads.map(String))
  })
})

describe('TimeRNN state', () => {
  const [N, T, D, H] = [2, 3, 4, 5]
  const xs = blockOf(N, T, D, 4)

  it('is null before the first block, then the last step of the block', () => {
    const layer = layerOf(D, H)
    expect(layer.h).toBeNull()
    expect(layer.dh).toBeNull()
    const hs = layer.forward(xs)
    expect(layer.h!.shape).toEqual([N, H])
    expect(layer.h!.toArray()).toEqual(hs.select(1, T - 1).toArray())
    expect(layer.dh).toBeNull()
    layer.backward(blockOf(N, T, H, 6))
    expect(layer.dh!.shape).toEqual([N, H])
  })

  it('starts from zero without stateful, whatever was read or set before', () => {
    const { stateful } = layerOf(D, H, {})
    expect(stateful).toBe(false)
    const layer = layerOf(D, H, {})
    const first = layer.forward(xs).toArray()
    expectClose(layer.forward(xs), timeRnnForward(normalBlock(N, T, D, 4), zeroMatrix(N, H), weightsOf(D, H)))
    layer.setState(stateOf(N, H))
    expect(layer.forward(xs).toArray()).toEqual(first)
    expect(layer.forward(blockOf(N + 1, T, D, 4)).shape).toEqual([N + 1, T, H])
  })

  it('starts from zero after resetState', () => {
    const layer = layerOf(D, H)
    const first = layer.forward(xs).toArray()
    expect(layer.forward(xs).toArray()).not.toEqual(first)
    layer.resetState()
    expect(layer.h).toBeNull()
    expect(layer.forward(xs).toArray()).toEqual(first)
  })

  it('is copied by setState and never changed at the caller’s', () => {
    const layer = layerOf(D, H)
    const h = stateOf(N, H)
    layer.setState(h)
    const hs = layer.forward(xs).toArray()
    expect(h.toArray()).toEqual(stateOf(N, H).toArray())
    layer.setState(h)
    h.fill(7)
    expect(layer.forward(xs).toArray()).toEqual(hs)
  })

  it('is saved as a copy and put back', () => {
    const layer = layerOf(D, H)
    expect(layer.saveState()).toBeNull()
    layer.forward(xs)
    const saved = layer.saveState()
    const next = layer.forward(xs).toArray()
    layer.restoreState(saved)
    expect(layer.forward(xs).toArray()).toEqual(next)
    layer.restoreState(null)
    expect(layer.h).toBeNull()
  })

  it('must have the batch size of the input', () => {
    const layer = layerOf(D, H)
    layer.forward(xs)
    expect(() => layer.forward(blockOf(3, T, D, 4))).toThrow(
      new RangeError('TimeRNN.forward: xs: expected N = 2 as in the state (or call resetState first), got 3'),
    )
    layer.resetState()
    expect(layer.forward(blockOf(3, T, D, 4)).shape).toEqual([3, T, H])
  })

  it('must be of the hidden size', () => {
    const layer = layerOf(D, H)
    expect(() => layer.setState(Tensor.zeros([N, 4]))).toThrow(
      new RangeError('TimeRNN.setState: h: expected the shape [N, H = 5], got [2, 4]'),
    )
    expect(() => layer.setState(null as never)).toThrow(
      new TypeError('TimeRNN.setState: h: expected a Tensor, got null'),
    )
  })
})

describe('TimeRNN buffers', () => {
  const [D, H] = [3, 4]

  it('are the same over blocks of one shape', () => {
    const layer = layerOf(D, H)
    const [xs, dhs] = [blockOf(2, 3, D, 4), blockOf(2, 3, H, 6)]
    const hs = layer.forward(xs)
    const dxs = layer.backward(dhs)
    const { h, dh, grads } = layer
    const gradArrays = grads.map((grad) => grad.data)
    expect(layer.forward(xs).data).toBe(hs.data)
    expect(layer.backward(dhs).data).toBe(dxs.data)
    expect(layer.h!.data).toBe(h!.data)
    expect(layer.dh!.data).toBe(dh!.data)
    layer.grads.forEach((grad, i) => {
      expect(grad).toBe(grads[i])
      expect(grad.data).toBe(gradArrays[i])
    })
  })

  it('do not mix up shapes that take turns', () => {
    const layer = layerOf(D, H, {})
    const shapes = [
      [2, 3],
      [3, 2],
      [2, 3],
      [1, 5],
      [3, 2],
      [2, 3],
    ] as const
    for (const [N, T] of shapes) {
      const fresh = layerOf(D, H, {})
      const [xs, dhs] = [blockOf(N, T, D, 4), blockOf(N, T, H, 6)]
      expect(layer.forward(xs).toArray()).toEqual(fresh.forward(xs).toArray())
      expect(layer.backward(dhs).toArray()).toEqual(fresh.backward(dhs).toArray())
      expect(layer.dh!.toArray()).toEqual(fresh.dh!.toArray())
      expect(layer.grads.map((grad) => grad.toArray())).toEqual(fresh.grads.map((grad) => grad.toArray()))
    }
  })

  it('give the same gradients when backward is called again', () => {
    const layer = layerOf(D, H)
    layer.setState(stateOf(2, H))
    layer.forward(blockOf(2, 3, D, 4))
    const dhs = blockOf(2, 3, H, 6)
    const dxs = layer.backward(dhs).toArray()
    const grads = layer.grads.map((grad) => grad.toArray())
    expect(layer.backward(dhs).toArray()).toEqual(dxs)
    expect(layer.grads.map((grad) => grad.toArray())).toEqual(grads)
  })

  it('are not the caller’s tensors', () => {
    const layer = layerOf(D, H)
    const [xs, dhs] = [blockOf(2, 3, D, 4), blockOf(2, 3, H, 6)]
    const before = [xs, dhs, ...layer.params].map((tensor) => tensor.toArray())
    layer.forward(xs)
    layer.backward(dhs)
    expect([xs, dhs, ...layer.params].map((tensor) => tensor.toArray())).toEqual(before)
  })
})

describe('TimeRNN errors', () => {
  const layer = layerOf(3, 4)

  it('name the weights that do not fit', () => {
    expect(() => new TimeRNN(Tensor.zeros([3, 4]), Tensor.zeros([5, 5]), Tensor.zeros([5]))).toThrow(
      new RangeError('TimeRNN: Wx: expected the shape [3, 5], got [3, 4]'),
    )
    expect(() => new TimeRNN(Tensor.zeros([3, 4]), Tensor.zeros([4]) as never, Tensor.zeros([4]))).toThrow(
      new RangeError('TimeRNN: Wh: expected a matrix (rank 2), got [4]'),
    )
  })

  it('say that forward comes first', () => {
    expect(() => layer.backward(Tensor.zeros([1, 1, 4]))).toThrow(
      new Error('TimeRNN.backward: call forward first'),
    )
  })

  it('name the input or gradient that does not fit', () => {
    expect(() => layer.forward(Tensor.zeros([2, 3]) as never)).toThrow(
      new RangeError('TimeRNN.forward: xs: expected the shape [N, T, D = 3], got [2, 3]'),
    )
    expect(() => layer.forward(Tensor.zeros([2, 5, 4]))).toThrow(
      new RangeError('TimeRNN.forward: xs: expected the shape [N, T, D = 3], got [2, 5, 4]'),
    )
    expect(() => layer.forward(Tensor.zeros([2, 0, 3]))).toThrow(
      new RangeError('TimeRNN.forward: xs: expected the shape [N, T, D = 3], got [2, 0, 3]'),
    )
    expect(() => layer.forward(Tensor.zeros([2, 5, 3], 'int32') as never)).toThrow(
      new TypeError('TimeRNN.forward: xs: expected a Tensor of float32, got "int32"'),
    )
    layer.forward(Tensor.zeros([2, 5, 3]))
    expect(() => layer.backward(Tensor.zeros([2, 5, 3]))).toThrow(
      new RangeError(
        "TimeRNN.backward: dhs: expected the shape of forward's result, [2, 5, 4], got [2, 5, 3]",
      ),
    )
    expect(() => layer.backward(undefined as never)).toThrow(
      new TypeError('TimeRNN.backward: dhs: expected a Tensor, got undefined'),
    )
  })
})
