import { describe, expect, it } from 'vitest'
import { type Batch2, type Bias, LSTM } from '../../src/layers/index.ts'
import { Tensor } from '../../src/tensor/index.ts'
import { expectClose } from '../support/golden.ts'
import { normalMatrix } from '../support/reference-layers.ts'

const [N, D, H] = [2, 3, 2]
const [OPEN, SHUT] = [100, -100]
const normal = (rows: number, columns: number, stream: number) =>
  Tensor.from(normalMatrix(rows, columns, stream)) as Batch2
const x = normal(N, D, 1)
const hPrev = normal(N, H, 2)
const cPrev = normal(N, H, 3)

/** An LSTM whose biases alone decide: its gates f, g, i, o see these numbers. */
function layerWithGates(...gates: [f: number, g: number, i: number, o: number]): LSTM {
  const b = Tensor.from(gates.flatMap((gate) => [gate, gate])) as Bias
  return new LSTM(Tensor.zeros([D, 4 * H]), Tensor.zeros([H, 4 * H]), b)
}

const all = (value: number) => Tensor.full([N, H], value) as Batch2

describe('LSTM gates, in the order f, g, i, o', () => {
  it('f open and i shut: the cell stays, and its gradient passes as it is', () => {
    const layer = layerWithGates(OPEN, 0.7, SHUT, OPEN)
    const [hNext, cNext] = layer.forward(x, hPrev, cPrev)
    expect(cNext.toArray()).toEqual(cPrev.toArray())
    expectClose(
      hNext,
      normalMatrix(N, H, 3).map((row) => row.map(Math.tanh)),
      1e-6,
    )
    const dcNext = normal(N, H, 4)
    expect(layer.backward(all(0), dcNext)[2].toArray()).toEqual(dcNext.toArray())
  })

  it('f shut and i open: the cell is what g says, and no gradient passes', () => {
    const layer = layerWithGates(SHUT, 0.7, OPEN, OPEN)
    const [hNext, cNext] = layer.forward(x, hPrev, cPrev)
    expectClose(cNext, all(Math.tanh(0.7)), 1e-6)
    expectClose(hNext, all(Math.tanh(Math.tanh(0.7))), 1e-6)
    expectClose(layer.backward(all(1), all(1))[2], all(0), 1e-6)
  })

  it('o shut: nothing of the cell is seen, and the gradient is the cell’s alone', () => {
    const layer = layerWithGates(OPEN, 0.7, OPEN, SHUT)
    const [hNext, cNext] = layer.forward(x, hPrev, cPrev)
    expectClose(hNext, all(0), 1e-6)
    expectClose(
      cNext,
      normalMatrix(N, H, 3).map((row) => row.map((c) => c + Math.tanh(0.7))),
      1e-6,
    )
    expectClose(layer.backward(all(5), all(1))[2], all(1), 1e-6)
  })
})

it('LSTM says which cell and which gradient of it does not fit', () => {
  const layer = layerWithGates(0, 0, 0, 0)
  expect(() => layer.forward(x, hPrev, Tensor.zeros([N, H + 1]))).toThrow(
    new RangeError('LSTM.forward: cPrev: expected the shape [N = 2, H = 2], got [2, 3]'),
  )
  expect(() => layer.forward(x, hPrev, undefined as never)).toThrow(
    new TypeError('LSTM.forward: cPrev: expected a Tensor, got undefined'),
  )
  layer.forward(x, hPrev, cPrev)
  expect(() => layer.backward(all(1), Tensor.zeros([N + 1, H]))).toThrow(
    new RangeError("LSTM.backward: dcNext: expected the shape of forward's result, [2, 2], got [3, 2]"),
  )
  expect(() => layer.backward(all(1), undefined as never)).toThrow(
    new TypeError('LSTM.backward: dcNext: expected a Tensor, got undefined'),
  )
})
