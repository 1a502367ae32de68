import { describe, expect, it } from 'vitest'
import { type Batch2, type Bias, TimeLSTM } from '../../src/layers/index.ts'
import { Tensor } from '../../src/tensor/index.ts'
import { expectClose } from '../support/golden.ts'
import { asTensors, blockOf, normalState, RECURRENT_KINDS, timeLayerOf } from '../support/recurrent-kinds.ts'

const LSTM_KIND = RECURRENT_KINDS.find(({ Time }) => Time === TimeLSTM)!
const [N, T, D, H] = [2, 3, 4, 5]
const xs = blockOf(N, T, D, 4)

function layerOf(): TimeLSTM {
  return timeLayerOf(LSTM_KIND, D, H) as TimeLSTM
}

function stateOf(): [h: Batch2, c: Batch2] {
  return asTensors(normalState(LSTM_KIND, N, H)) as [Batch2, Batch2]
}

describe('the cell of TimeLSTM', () => {
  it('is zero where setState is given h alone', () => {
    const [h, c] = stateOf()
    const [withoutC, withZero, withC] = [layerOf(), layerOf(), layerOf()]
    withoutC.setState(h)
    withZero.setState(h, Tensor.zeros([N, H]))
    withC.setState(h, c)
    expect(withoutC.c!.toArray()).toEqual(Tensor.zeros([N, H]).toArray())
    const hs = withoutC.forward(xs).toArray()
    expect(hs).toEqual(withZero.forward(xs).toArray())
    expect(hs).not.toEqual(withC.forward(xs).toArray())
  })

  it('must have the shape of h', () => {
    const layer = layerOf()
    const [h] = stateOf()
    expect(() => layer.setState(h, Tensor.zeros([N + 1, H]))).toThrow(
      new RangeError('TimeLSTM.setState: c: expected the shape [N = 2, H = 5], got [3, 5]'),
    )
    expect(() => layer.setState(h, Tensor.zeros([N, H + 1]))).toThrow(
      new RangeError('TimeLSTM.setState: c: expected the shape [N = 2, H = 5], got [2, 6]'),
    )
    expect(() => layer.setState(h, null as never)).toThrow(
      new TypeError('TimeLSTM.setState: c: expected a Tensor, got null'),
    )
    expect([layer.h, layer.c]).toEqual([null, null])
  })

  it('is saved behind h', () => {
    const layer = layerOf()
    layer.forward(xs)
    expect(layer.saveState()!.map((tensor) => tensor.toArray())).toEqual([
      layer.h!.toArray(),
      layer.c!.toArray(),
    ])
  })

  it('continues over blocks, and its gradient back, where f is open and i is shut', () => {
    const gates = [100, 0.7, -100, 100].flatMap((gate) => new Array<number>(H).fill(gate))
    const layer = new TimeLSTM(
      Tensor.zeros([D, 4 * H]),
      Tensor.zeros([H, 4 * H]),
      Tensor.from(gates) as Bias,
      { stateful: true },
    )
    const [h, c] = stateOf()
    layer.setState(h, c)
    layer.forward(xs)
    const hs = layer.forward(xs)
    expect(layer.c!.toArray()).toEqual(c.toArray())
    layer.backward(Tensor.full([N, T, H], 1))
    const slopes = (hs.select(1, 0).toArray() as number[][]).map((row) => row.map((value) => 1 - value ** 2))
    expectClose(
      layer.dc!,
      slopes.map((row) => row.map((slope) => T * slope)),
      2e-6,
    )
  })
})
