import { expect, it } from 'vitest'
import { type Batch2, type Bias, TimeGRU } from '../../src/layers/index.ts'
import { Tensor } from '../../src/tensor/index.ts'
import { expectClose } from '../support/golden.ts'
import { blockOf } from '../support/recurrent-kinds.ts'
import { normalMatrix } from '../support/reference-layers.ts'

const [N, T, D, H] = [2, 3, 4, 5]

/** A layer whose biases alone decide on z, r and h̃. */
function layerWithGates(...gates: [z: number, r: number, candidate: number]): TimeGRU {
  const b = Tensor.from(gates.flatMap((gate) => new Array<number>(H).fill(gate))) as Bias
  return new TimeGRU(Tensor.zeros([D, 3 * H]), Tensor.zeros([H, 3 * H]), b, { stateful: true })
}

it('TimeGRU keeps its state over blocks where z is shut, and all gradients reach the first', () => {
  const layer = layerWithGates(-100, 0, 0.7)
  const h = Tensor.from(normalMatrix(N, H, 5)) as Batch2
  layer.setState(h)
  layer.forward(blockOf(N, T, D, 4))
  const hs = layer.forward(blockOf(N, T, D, 6))
  for (let t = 0; t < T; t++) expect(hs.select(1, t).toArray()).toEqual(h.toArray())
  const dxs = layer.backward(Tensor.full([N, T, H], 1))
  expectClose(layer.dh!, Tensor.full([N, H], T), 1e-6)
  expectClose(dxs, Tensor.zeros([N, T, D]), 1e-6)
})

it('TimeGRU moves a quarter of the way to its candidate where z is a quarter', () => {
  const layer = layerWithGates(-Math.log(3), 0, 0.7)
  layer.setState(Tensor.full([N, H], -0.5))
  const candidate = Math.tanh(0.7)
  let expected = -0.5
  const hs = layer.forward(blockOf(N, T, D, 4))
  for (let t = 0; t < T; t++) {
    expected = 0.75 * expected + 0.25 * candidate
    expectClose(hs.select(1, t), Tensor.full([N, H], expected), 1e-6)
  }
  layer.backward(Tensor.full([N, T, H], 1))
  expectClose(layer.dh!, Tensor.full([N, H], 0.75 + 0.75 ** 2 + 0.75 ** 3), 1e-6)
})
