/** What TimeRNN, TimeLSTM and TimeGRU share: a block of steps of a recurrent cell, on buffers made once. */
import { describe, expect, it, vi } from 'vitest'
import type { Batch2, Batch3, Bias, Weights } from '../../src/layers/index.ts'
import { native } from '../../src/native.ts'
import { add, scale, Tape, Tensor } from '../../src/tensor/index.ts'
import { expectClose } from '../support/golden.ts'
import { innerProduct, numericGradient } from '../support/gradient-check.ts'
import { describeEachIsa } from '../support/instruction-sets.ts'
import { randomTensor } from '../support/random-tensor.ts'
import {
  asTensors,
  blockOf,
  normalState,
  RECURRENT_KINDS,
  type RecurrentKind,
  setState,
  stateGradientOf,
  stateOf,
  stepBackward,
  stepForward,
  type TimeLayer,
  tensorsOf,
  timeLayerOf,
} from '../support/recurrent-kinds.ts'
import { normalBlock, zeroMatrix } from '../support/reference-layers.ts'
import { recurrentWeights, timeBackward, timeForward } from '../support/reference-recurrent.ts'
import { expectSameBits } from '../support/thread-counts.ts'

type Lengths = readonly [N: number, T: number, D: number, H: number]

const SHAPES = [
  [1, 1, 1, 1],
  [1, 4, 3, 2],
  [3, 1, 2, 5],
  [2, 3, 5, 1],
  [4, 6, 9, 17],
  [3, 5, 16, 33],
] as const

function example(kind: RecurrentKind, [N, T, D, H]: Lengths) {
  const weights = recurrentWeights(D, H, kind.gates)
  const xs = normalBlock(N, T, D, 4)
  const first = normalState(kind, N, H)
  const dhs = normalBlock(N, T, H, 6)
  const layer = new kind.Time(...tensorsOf(weights), { stateful: true })
  setState(layer, asTensors(first))
  return {
    weights,
    xs,
    first,
    dhs,
    layer,
    tensors: { xs: Tensor.from(xs) as Batch3, dhs: Tensor.from(dhs) as Batch3 },
  }
}

function expectAllClose(
  tensors: readonly (Tensor | null)[],
  expected: readonly (number[][] | Tensor)[],
  tolerance?: number,
): void {
  expect(tensors.length).toBe(expected.length)
  tensors.forEach((tensor, i) => {
    expectClose(tensor!, expected[i]!, tolerance)
  })
}

/** Copies of all that a forward and a backward leave behind. */
function resultsOf(layer: TimeLayer, xs: Batch3, dhs: Batch3): Tensor[] {
  const [hs, dxs] = [layer.forward(xs), layer.backward(dhs)]
  return [hs, dxs, ...stateOf(layer), ...stateGradientOf(layer), ...layer.grads].map((tensor) =>
    tensor!.clone(),
  )
}

function arraysOf(tensors: readonly (Tensor | null)[]) {
  return tensors.map((tensor) => tensor!.toArray())
}

for (const kind of RECURRENT_KINDS) {
  const { name, cell, Step, Time } = kind

  describeEachIsa(Time.name, () => {
    it.each(SHAPES)('is the float64 reference, N %i, T %i, D %i, H %i', (...shape) => {
      const { weights, xs, first, dhs, layer, tensors } = example(kind, shape)
      const { hs, last } = timeForward(cell, xs, first, weights)
      const expected = timeBackward(cell, xs, first, weights, dhs)

      expectClose(layer.forward(tensors.xs), hs)
      expectAllClose(stateOf(layer), last)
      expectClose(layer.backward(tensors.dhs), expected.dxs)
      expectAllClose(stateGradientOf(layer), expected.dFirst)
      expectClose(layer.grads[0], expected.dWx)
      expectClose(layer.grads[1], expected.dWh)
      expectClose(layer.grads[2], expected.db)
    })

    it.each(SHAPES.slice(0, 4))(
      'has the gradients of numeric differences, N %i, T %i, D %i, H %i',
      (...shape) => {
        const { weights, xs, first, dhs, layer, tensors } = example(kind, shape)
        const loss = () => innerProduct(timeForward(cell, xs, first, weights).hs, dhs)

        layer.forward(tensors.xs)
        expectClose(layer.backward(tensors.dhs), numericGradient(loss, xs))
        expectAllClose(stateGradientOf(layer), numericGradient(loss, first))
        expectClose(layer.grads[0], numericGradient(loss, weights.Wx))
        expectClose(layer.grads[1], numericGradient(loss, weights.Wh))
        expectClose(layer.grads[2], numericGradient(loss, weights.b))
      },
    )

    it(`is T calls of ${name}`, () => {
      const [N, T, D, H] = [3, 5, 7, 9]
      const { layer, first, tensors } = example(kind, [N, T, D, H])
      const hs = layer.forward(tensors.xs)
      const dxs = layer.backward(tensors.dhs)

      const steps = Array.from({ length: T }, () => new Step(...layer.params))
      let state = asTensors(first)
      steps.forEach((step, t) => {
        state = stepForward(step, tensors.xs.select(1, t), state)
        expectClose(hs.select(1, t), state[0]!, 2e-6)
      })
      expectAllClose(stateOf(layer), state, 2e-6)
      const totals = layer.grads.map((grad) => Tensor.zeros(grad.shape))
      let dState = state.map((): Batch2 => Tensor.zeros([N, H]))
      for (let t = T - 1; t >= 0; t--) {
        const dh = add(dState[0]!, tensors.dhs.select(1, t)) as Batch2
        const [dx, ...dPrevious] = stepBackward(steps[t]!, [dh, ...dState.slice(1)])
        expectClose(dxs.select(1, t), dx, 2e-6)
        steps[t]!.grads.forEach((grad, i) => {
          add(totals[i]!, grad, { out: totals[i]! })
        })
        dState = dPrevious
      }
      expectAllClose(stateGradientOf(layer), dState, 2e-6)
      expectAllClose(layer.grads, totals, 2e-6)
    })

    it('continues from block to block: two blocks are one long block', () => {
      const { layer, tensors } = example(kind, [2, 6, 3, 5])
      const whole = layer.forward(tensors.xs).clone()
      const last = stateOf(layer).map((tensor) => tensor!.clone())
      const { layer: inBlocks } = example(kind, [2, 6, 3, 5])
      expectClose(inBlocks.forward(tensors.xs.slice(1, 0, 4)), whole.slice(1, 0, 4), 2e-6)
      expectClose(inBlocks.forward(tensors.xs.slice(1, 4, 6)), whole.slice(1, 4, 6), 2e-6)
      expectAllClose(stateOf(inBlocks), last, 2e-6)
    })

    it('takes strided views of inputs and gradients', () => {
      const xs = blockOf(2, 5, 3, 4).slice(1, 1, 4)
      const dhs = blockOf(2, 5, 4, 6).slice(1, 2, 5)
      expect(xs.isContiguous || dhs.isContiguous).toBe(false)
      const fromViews = resultsOf(timeLayerOf(kind, 3, 4), xs, dhs)
      const fromCopies = resultsOf(timeLayerOf(kind, 3, 4), xs.clone(), dhs.clone())
      expect(arraysOf(fromViews)).toEqual(arraysOf(fromCopies))
    })

    it('gives the same bits on any number of threads', () => {
      const [N, T, D, H] = [20, 12, 136, 136]
      const G = kind.gates * H
      const weights = [[D, G], [H, G], [G]].map((shape, i) => scale(randomTensor(shape, i), 0.1))
      const xs = randomTensor([N, T, D], 4) as Batch3
      const dhs = randomTensor([N, T, H], 6) as Batch3
      expectSameBits(() => resultsOf(new Time(...(weights as [Weights, Weights, Bias])), xs, dhs))
    })

    it.each([true, false])('runs again from a tape, stateful %s', (stateful) => {
      const [N, T, D, H] = [3, 4, 5, 6]
      const [recorded, plain] = [timeLayerOf(kind, D, H, { stateful }), timeLayerOf(kind, D, H, { stateful })]
      const [xs, dhs] = [blockOf(N, T, D, 4), blockOf(N, T, H, 6)]
      const step = (layer: TimeLayer) => [layer.forward(xs), layer.backward(dhs)]
      step(recorded)
      let results: Batch3[] = []
      const tape = Tape.record(() => {
        results = step(recorded)
      })
      step(plain)
      for (const stream of [7, 8]) {
        xs.copyFrom(blockOf(N, T, D, stream))
        expect(tape.run()).toBe(true)
        const ofRecorded = [...results, ...stateOf(recorded), ...stateGradientOf(recorded), ...recorded.grads]
        expect(arraysOf(ofRecorded)).toEqual(arraysOf(resultsOf(plain, xs, dhs)))
      }
    })
  })
}

describe.each(RECURRENT_KINDS)('state of $Time.name', (kind) => {
  const [N, T, D, H] = [2, 3, 4, 5]
  const xs = blockOf(N, T, D, 4)
  const nothing = new Array<null>(kind.states).fill(null)

  it('is null before the first block, then that of the last step', () => {
    const layer = timeLayerOf(kind, D, H)
    expect(stateOf(layer)).toEqual(nothing)
    expect(stateGradientOf(layer)).toEqual(nothing)
    const hs = layer.forward(xs)
    expect(layer.h!.toArray()).toEqual(hs.select(1, T - 1).toArray())
    for (const tensor of stateOf(layer)) expect(tensor!.shape).toEqual([N, H])
    expect(stateGradientOf(layer)).toEqual(nothing)
    layer.backward(blockOf(N, T, H, 6))
    for (const tensor of stateGradientOf(layer)) expect(tensor!.shape).toEqual([N, H])
  })

  it('is zero at the start of every block without stateful, whatever was read or set before', () => {
    const layer = timeLayerOf(kind, D, H, {})
    expect(layer.stateful).toBe(false)
    const dhs = blockOf(N, T, H, 6)
    const zero = nothing.map(() => zeroMatrix(N, H))
    const weights = recurrentWeights(D, H, kind.gates)
    const { hs } = timeForward(kind.cell, normalBlock(N, T, D, 4), zero, weights)
    const { dFirst } = timeBackward(
      kind.cell,
      normalBlock(N, T, D, 4),
      zero,
      weights,
      normalBlock(N, T, H, 6),
    )
    for (let i = 0; i < 2; i++) {
      expectClose(layer.forward(xs), hs)
      layer.backward(dhs)
      expectAllClose(stateGradientOf(layer), dFirst)
      setState(layer, asTensors(normalState(kind, N, H)))
    }
    expect(layer.forward(blockOf(N + 1, T, D, 4)).shape).toEqual([N + 1, T, H])
  })

  it('is zero after resetState', () => {
    const layer = timeLayerOf(kind, D, H)
    layer.resetState()
    const first = layer.forward(xs).toArray()
    expect(layer.forward(xs).toArray()).not.toEqual(first)
    layer.resetState()
    expect(stateOf(layer)).toEqual(nothing)
    expect(layer.forward(xs).toArray()).toEqual(first)
  })

  it('is zero in the rows that are reset', () => {
    const layer = timeLayerOf(kind, D, H)
    layer.resetState([0])
    const fresh = layer.forward(xs).clone()
    const before = arraysOf(stateOf(layer))
    layer.resetState([0])
    for (const [i, tensor] of stateOf(layer).entries()) {
      expect(tensor!.select(0, 0).toArray()).toEqual(new Array(H).fill(0))
      expect((tensor!.toArray() as number[][]).slice(1)).toEqual((before[i] as number[][]).slice(1))
    }
    const next = layer.forward(xs)
    expect(next.select(0, 0).toArray()).toEqual(fresh.select(0, 0).toArray())
    expect(next.select(0, 1).toArray()).not.toEqual(fresh.select(0, 1).toArray())
  })

  it('is copied by setState and never changed at the caller’s', () => {
    const layer = timeLayerOf(kind, D, H)
    const state = asTensors(normalState(kind, N, H))
    setState(layer, state)
    expect(arraysOf(stateOf(layer))).toEqual(arraysOf(state))
    const hs = layer.forward(xs).toArray()
    expect(arraysOf(state)).toEqual(arraysOf(asTensors(normalState(kind, N, H))))
    setState(layer, state)
    for (const tensor of state) tensor.fill(7)
    expect(layer.forward(xs).toArray()).toEqual(hs)
  })

  it('is saved as a copy and put back, at another batch size too', () => {
    const layer = timeLayerOf(kind, D, H)
    expect(layer.saveState()).toBeNull()
    layer.forward(xs)
    const saved = layer.saveState()!
    expect(arraysOf(saved)).toEqual(arraysOf(stateOf(layer)))
    const next = layer.forward(xs).toArray()
    layer.resetState()
    layer.forward(blockOf(N + 1, T, D, 4))
    layer.restoreState(saved)
    expect(layer.forward(xs).toArray()).toEqual(next)
    layer.restoreState(null)
    expect(stateOf(layer)).toEqual(nothing)
    expect(layer.saveState()).toBeNull()
  })

  it('must have the batch size of the input', () => {
    const layer = timeLayerOf(kind, D, H)
    layer.forward(xs)
    const before = arraysOf(stateOf(layer))
    const refusal = `${kind.Time.name}.forward: xs: expected N = 2 as in the state (or call resetState first), got 3`
    expect(() => layer.forward(blockOf(3, T, D, 4))).toThrow(new RangeError(refusal))
    expect(arraysOf(stateOf(layer))).toEqual(before)
    setState(layer, asTensors(normalState(kind, 3, H)))
    expect(layer.forward(blockOf(3, T, D, 4)).shape).toEqual([3, T, H])
    layer.resetState()
    expect(layer.forward(xs).shape).toEqual([N, T, H])
  })

  it('must be of the hidden size', () => {
    const layer = timeLayerOf(kind, D, H)
    expect(() => layer.setState(Tensor.zeros([N, 4]))).toThrow(
      new RangeError(`${kind.Time.name}.setState: h: expected the shape [N, H = 5], got [2, 4]`),
    )
    expect(() => layer.setState(Tensor.zeros([N, H], 'int32') as never)).toThrow(
      new TypeError(`${kind.Time.name}.setState: h: expected a Tensor of float32, got "int32"`),
    )
    expect(() => layer.setState(null as never)).toThrow(
      new TypeError(`${kind.Time.name}.setState: h: expected a Tensor, got null`),
    )
    expect(stateOf(layer)).toEqual(nothing)
  })
})

describe.each(RECURRENT_KINDS)('buffers of $Time.name', (kind) => {
  const [D, H] = [3, 4]

  it('are the same over blocks of one shape, and no others are made', () => {
    const layer = timeLayerOf(kind, D, H)
    const [xs, dhs] = [blockOf(2, 3, D, 4), blockOf(2, 3, H, 6)]
    const tensors = () => [layer.forward(xs), layer.backward(dhs), ...stateGradientOf(layer), ...layer.grads]
    const before = tensors()
    const allocations = vi.spyOn(native, 'alignedOffset')
    const after = tensors()
    expect(allocations).not.toHaveBeenCalled()
    allocations.mockRestore()
    after.forEach((tensor, i) => {
      expect(tensor).toBe(before[i])
    })
  })

  it('of the state are read as copies', () => {
    const layer = timeLayerOf(kind, D, H)
    layer.forward(blockOf(2, 3, D, 4))
    const read = stateOf(layer)
    const values = read.map((tensor) => tensor!.toArray())
    layer.forward(blockOf(2, 3, D, 5))
    expect(read.map((tensor) => tensor!.toArray())).toEqual(values)
  })

  it('do not mix up shapes that take turns', () => {
    const layer = timeLayerOf(kind, D, H, {})
    const shapes = [
      [2, 3],
      [3, 2],
      [2, 3],
      [1, 5],
      [3, 2],
      [2, 3],
    ] as const
    for (const [N, T] of shapes) {
      const [xs, dhs] = [blockOf(N, T, D, 4), blockOf(N, T, H, 6)]
      const fresh = timeLayerOf(kind, D, H, {})
      expect(arraysOf(resultsOf(layer, xs, dhs))).toEqual(arraysOf(resultsOf(fresh, xs, dhs)))
    }
  })

  it('give the same gradients when backward is called again', () => {
    const { layer, tensors } = example(kind, [2, 3, D, H])
    layer.forward(tensors.xs)
    const gradients = () => arraysOf([layer.backward(tensors.dhs), ...stateGradientOf(layer), ...layer.grads])
    expect(gradients()).toEqual(gradients())
  })

  it('are not the caller’s tensors', () => {
    const { layer, tensors } = example(kind, [2, 3, D, H])
    const callers = [tensors.xs, tensors.dhs, ...layer.params]
    const before = arraysOf(callers)
    layer.forward(tensors.xs)
    layer.backward(tensors.dhs)
    expect(arraysOf(callers)).toEqual(before)
  })
})

describe.each(RECURRENT_KINDS)('errors of $Time.name', (kind) => {
  const layer = timeLayerOf(kind, 3, 4)
  const { name } = kind.Time

  it('say that forward comes first', () => {
    expect(() => layer.backward(Tensor.zeros([1, 1, 4]))).toThrow(
      new Error(`${name}.backward: call forward first`),
    )
  })

  it('name the input or gradient that does not fit', () => {
    for (const shape of [
      [2, 3],
      [2, 5, 4],
      [2, 0, 3],
      [0, 5, 3],
    ]) {
      expect(() => layer.forward(Tensor.zeros(shape) as never)).toThrow(
        new RangeError(
          `${name}.forward: xs: expected the shape [N, T, D = 3]${shape.includes(0) ? ', no length 0' : ''}, got [${shape.join(', ')}]`,
        ),
      )
    }
    expect(() => layer.forward(Tensor.zeros([2, 5, 3], 'int32') as never)).toThrow(
      new TypeError(`${name}.forward: xs: expected a Tensor of float32, got "int32"`),
    )
    layer.forward(Tensor.zeros([2, 5, 3]))
    expect(() => layer.backward(Tensor.zeros([2, 5, 3]))).toThrow(
      new RangeError(
        `${name}.backward: dhs: expected the shape of forward's result, [2, 5, 4], got [2, 5, 3]`,
      ),
    )
    expect(() => layer.backward(undefined as never)).toThrow(
      new TypeError(`${name}.backward: dhs: expected a Tensor, got undefined`),
    )
  })
})
