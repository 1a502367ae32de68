/** What RNN, LSTM and GRU share: one step of a recurrent cell. */
import { describe, expect, it } from 'vitest'
import type { Batch2 } from '../../src/layers/index.ts'
import { Tensor } from '../../src/tensor/index.ts'
import { expectClose } from '../support/golden.ts'
import { innerProduct, numericGradient } from '../support/gradient-check.ts'
import { describeEachIsa } from '../support/instruction-sets.ts'
import {
  asTensors,
  blockOf,
  normalState,
  RECURRENT_KINDS,
  type RecurrentKind,
  stepBackward,
  stepForward,
  tensorsOf,
} from '../support/recurrent-kinds.ts'
import { normalMatrix } from '../support/reference-layers.ts'
import { recurrentWeights } from '../support/reference-recurrent.ts'

const SHAPES = [
  [1, 1, 1],
  [1, 3, 1],
  [3, 1, 5],
  [2, 7, 4],
  [5, 9, 17],
  [7, 33, 31],
] as const

function example(kind: RecurrentKind, [N, D, H]: readonly [N: number, D: number, H: number]) {
  const weights = recurrentWeights(D, H, kind.gates)
  const x = normalMatrix(N, D, 4)
  const state = normalState(kind, N, H, 5)
  const dNext = normalState(kind, N, H, 6)
  return {
    weights,
    x,
    state,
    dNext,
    layer: new kind.Step(...tensorsOf(weights)),
    tensors: { x: Tensor.from(x) as Batch2, state: asTensors(state), dNext: asTensors(dNext) },
  }
}

for (const kind of RECURRENT_KINDS) {
  const { name, cell } = kind

  describeEachIsa(name, () => {
    it.each(SHAPES)('is the float64 reference, N %i, D %i, H %i', (...shape) => {
      const { weights, x, state, dNext, layer, tensors } = example(kind, shape)
      const next = cell.forward(x, state, weights)
      const expected = cell.backward(x, state, weights, dNext)

      stepForward(layer, tensors.x, tensors.state).forEach((tensor, i) => {
        expectClose(tensor, next[i]!)
      })
      const [dx, ...dState] = stepBackward(layer, tensors.dNext)
      expectClose(dx, expected.dx)
      expect(dState.length).toBe(state.length)
      dState.forEach((tensor, i) => {
        expectClose(tensor, expected.dState[i]!)
      })
      expectClose(layer.grads[0], expected.dWx)
      expectClose(layer.grads[1], expected.dWh)
      expectClose(layer.grads[2], expected.db)
    })

    it.each(SHAPES.slice(0, 4))('has the gradients of numeric differences, N %i, D %i, H %i', (...shape) => {
      const { weights, x, state, dNext, layer, tensors } = example(kind, shape)
      const loss = () => innerProduct(cell.forward(x, state, weights), dNext)

      stepForward(layer, tensors.x, tensors.state)
      const [dx, ...dState] = stepBackward(layer, tensors.dNext)
      expectClose(dx, numericGradient(loss, x))
      dState.forEach((tensor, i) => {
        expectClose(tensor, numericGradient(loss, state[i]!))
      })
      expectClose(layer.grads[0], numericGradient(loss, weights.Wx))
      expectClose(layer.grads[1], numericGradient(loss, weights.Wh))
      expectClose(layer.grads[2], numericGradient(loss, weights.b))
    })

    it('takes steps of a block as strided views', () => {
      const { layer, tensors } = example(kind, [3, 4, 5])
      const step = blockOf(3, 2, 4, 7).select(1, 1)
      expect(step.isContiguous).toBe(false)
      const resultsOf = (x: Batch2) => [
        ...stepForward(layer, x, tensors.state),
        ...stepBackward(layer, tensors.dNext),
        ...layer.grads.map((grad) => grad.clone()),
      ]
      const fromCopy = resultsOf(step.clone())
      resultsOf(step).forEach((tensor, i) => {
        expectClose(tensor, fromCopy[i]!, 1e-6)
      })
    })
  })
}

describe.each(RECURRENT_KINDS)('$name', (kind) => {
  it('writes gradients in place and leaves the caller’s tensors alone', () => {
    const { layer, tensors } = example(kind, [2, 3, 4])
    const callers = [tensors.x, ...tensors.state, ...tensors.dNext, ...layer.params]
    const before = callers.map((tensor) => tensor.toArray())
    const grads = [...layer.grads]
    const arrays = grads.map((grad) => grad.data)
    for (let i = 0; i < 2; i++) {
      stepForward(layer, tensors.x, tensors.state)
      stepBackward(layer, tensors.dNext)
    }
    expect(callers.map((tensor) => tensor.toArray())).toEqual(before)
    layer.grads.forEach((grad, i) => {
      expect(grad).toBe(grads[i])
      expect(grad.data).toBe(arrays[i])
    })
  })

  it('gives new tensors: the states of earlier steps stay', () => {
    const { layer, tensors } = example(kind, [2, 3, 4])
    const first = stepForward(layer, tensors.x, tensors.state)
    const copies = first.map((tensor) => tensor.toArray())
    const second = stepForward(layer, tensors.x, first)
    second.forEach((tensor, i) => {
      expect(tensor.data).not.toBe(first[i]!.data)
    })
    expect(first.map((tensor) => tensor.toArray())).toEqual(copies)
  })

  it('gives the same gradients when backward is called again', () => {
    const { layer, tensors } = example(kind, [2, 3, 4])
    stepForward(layer, tensors.x, tensors.state)
    const resultsOf = () =>
      [...stepBackward(layer, tensors.dNext), ...layer.grads].map((tensor) => tensor.toArray())
    expect(resultsOf()).toEqual(resultsOf())
  })

  it('says which input does not fit', () => {
    const { layer, tensors } = example(kind, [2, 3, 4])
    expect(() => stepForward(layer, Tensor.zeros([2, 4]), tensors.state)).toThrow(
      new RangeError(`${kind.name}.forward: x: expected the shape [N, D = 3], got [2, 4]`),
    )
    expect(() => stepForward(layer, Tensor.zeros([2, 3, 1]) as never, tensors.state)).toThrow(
      new RangeError(`${kind.name}.forward: x: expected the shape [N, D = 3], got [2, 3, 1]`),
    )
    expect(() => stepForward(layer, Tensor.zeros([2, 3], 'int32') as never, tensors.state)).toThrow(
      new TypeError(`${kind.name}.forward: x: expected a Tensor of float32, got "int32"`),
    )
    expect(() => stepForward(layer, tensors.x, [Tensor.zeros([3, 4]), ...tensors.state.slice(1)])).toThrow(
      new RangeError(`${kind.name}.forward: hPrev: expected the shape [N = 2, H = 4], got [3, 4]`),
    )
    expect(() => stepForward(layer, tensors.x, [])).toThrow(
      new TypeError(`${kind.name}.forward: hPrev: expected a Tensor, got undefined`),
    )
  })

  it('says that forward comes first, and which gradient does not fit', () => {
    const { layer, tensors } = example(kind, [2, 3, 4])
    expect(() => stepBackward(layer, tensors.dNext)).toThrow(
      new Error(`${kind.name}.backward: call forward first`),
    )
    stepForward(layer, tensors.x, tensors.state)
    const dNext = [Tensor.zeros([2, 3]), ...tensors.dNext.slice(1)]
    expect(() => stepBackward(layer, dNext)).toThrow(
      new RangeError(
        `${kind.name}.backward: dhNext: expected the shape of forward's result, [2, 4], got [2, 3]`,
      ),
    )
    expect(() => stepBackward(layer, [])).toThrow(
      new TypeError(`${kind.name}.backward: dhNext: expected a Tensor, got undefined`),
    )
  })
})
