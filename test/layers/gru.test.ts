import { describe, expect, it } from 'vitest'
import { type Batch2, type Bias, GRU, type Weights } from '../../src/layers/index.ts'
import { Tensor } from '../../src/tensor/index.ts'
import { expectClose } from '../support/golden.ts'
import { normalMatrix } from '../support/reference-layers.ts'

const [N, D, H] = [2, 3, 2]
const [OPEN, SHUT] = [100, -100]
const normal = (rows: number, columns: number, stream: number) =>
  Tensor.from(normalMatrix(rows, columns, stream)) as Batch2
const x = normal(N, D, 1)
const hPrev = normal(N, H, 2)
const dhNext = normal(N, H, 3)

/** A GRU whose biases decide on z and r; the candidate h̃ has weights. */
function layerWithGates(z: number, r: number, candidate = 0.3): GRU {
  const onlyCandidate = (rows: number, stream: number): Weights => {
    const W = Tensor.zeros([rows, 3 * H])
    W.slice(1, 2 * H, 3 * H).copyFrom(normal(rows, H, stream))
    return W
  }
  const b = Tensor.from([z, r, candidate].flatMap((gate) => [gate, gate])) as Bias
  return new GRU(onlyCandidate(D, 4), onlyCandidate(H, 5), b)
}

describe('GRU gates, in the order z, r, h̃', () => {
  it('z shut: the state stays, and its gradient passes as it is', () => {
    const layer = layerWithGates(SHUT, OPEN)
    expect(layer.forward(x, hPrev).toArray()).toEqual(hPrev.toArray())
    const [dx, dhPrev] = layer.backward(dhNext)
    expectClose(dx, Tensor.zeros([N, D]), 1e-6)
    expect(dhPrev.toArray()).toEqual(dhNext.toArray())
  })

  it('z open and r shut: the candidate forgets the state, and no gradient passes', () => {
    const layer = layerWithGates(OPEN, SHUT)
    const hNext = layer.forward(x, hPrev)
    expectClose(hNext, layer.forward(x, Tensor.zeros([N, H])), 1e-6)
    layer.forward(x, hPrev)
    const [, dhPrev] = layer.backward(dhNext)
    expectClose(dhPrev, Tensor.zeros([N, H]), 1e-6)
    expectClose(layer.grads[1], Tensor.zeros([H, 3 * H]), 1e-6)
  })

  it('r half open: Wh sees half the state, each unit reset before the product', () => {
    const halved = layerWithGates(OPEN, 0)
    const whole = layerWithGates(OPEN, OPEN)
    const halfOfState = Tensor.from(
      normalMatrix(N, H, 2).map((row) => row.map((value) => value / 2)),
    ) as Batch2
    expectClose(halved.forward(x, hPrev), whole.forward(x, halfOfState), 1e-6)
    halved.backward(dhNext)
    whole.backward(dhNext)
    const ofCandidate = (grad: Weights) => grad.slice(1, 2 * H, 3 * H)
    expectClose(ofCandidate(halved.grads[1]), ofCandidate(whole.grads[1]), 1e-6)
  })
})
