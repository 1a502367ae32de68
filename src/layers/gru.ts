/**
 * One step of the gated recurrent unit, in readable form: "Deep Learning from Scratch 2", appendix C. The gates
 * are concatenated in the order z, r, h̃; the reset comes before the product with Wh.
 *
 *     z, r = sigmoid(hPrev·Whzr + x·Wxzr + bzr)        x [N, D], hPrev [N, H]
 *     h̃ = tanh((r · hPrev)·Whh + x·Wxh + bh)
 *     hNext = (1 − z) · hPrev + z · h̃
 */
import {
  add,
  matmul,
  mul,
  sigmoid,
  sigmoidGradient,
  sub,
  sum,
  Tensor,
  tanh,
  tanhGradient,
} from '../tensor/index.ts'
import type { Batch2, Bias, Weights } from './layer.ts'
import { RecurrentStep } from './recurrent-step.ts'

interface GruStep extends Record<'z' | 'r' | 'candidate' | 'reset', Batch2> {
  next: [h: Batch2]
}

export class GRU extends RecurrentStep<GruStep> {
  /** @param Wx [D, 3H]  @param Wh [H, 3H]  @param b [3H] */
  constructor(Wx: Weights, Wh: Weights, b: Bias) {
    super('GRU', [Wx, Wh, b], 3)
  }

  /** @param x [N, D]  @param hPrev [N, H]  @returns hNext [N, H], a new tensor */
  forward(x: Batch2, hPrev: Batch2): Batch2 {
    return this.stepForward(x, [hPrev])[0]
  }

  protected compute(x: Batch2, [hPrev]: [h: Batch2]): GruStep {
    const [Wx, Wh, b] = this.params
    const H = Wh.shape[0]
    const projected = add(matmul(x, Wx), b) as Batch2
    const zr = sigmoid(add(projected.slice(1, 0, 2 * H), matmul(hPrev, Wh.slice(1, 0, 2 * H)))) as Batch2
    const [z, r] = [zr.slice(1, 0, H), zr.slice(1, H, 2 * H)]
    const reset = mul(r, hPrev) as Batch2
    const candidate = tanh(
      add(projected.slice(1, 2 * H, 3 * H), matmul(reset, Wh.slice(1, 2 * H, 3 * H))),
    ) as Batch2
    const hNext = add(hPrev, mul(z, sub(candidate, hPrev))) as Batch2
    return { z, r, candidate, reset, next: [hNext] }
  }

  /** @param dhNext [N, H]  @returns dx [N, D] and dhPrev [N, H]; writes the gradients of the weights to `grads` */
  backward(dhNext: Batch2): [dx: Batch2, dhPrev: Batch2] {
    const { x, state, z, r, candidate, reset } = this.lastStep([dhNext])
    const [hPrev] = state
    const [Wx, Wh] = this.params
    const [dWx, dWh, db] = this.grads
    const [N, H] = candidate.shape
    const da: Batch2 = Tensor.zeros([N, 3 * H])
    const [daz, dar, dah] = [da.slice(1, 0, H), da.slice(1, H, 2 * H), da.slice(1, 2 * H, 3 * H)]
    const dazr = da.slice(1, 0, 2 * H)
    const throughCandidate = mul(dhNext, z)
    tanhGradient(throughCandidate, candidate, { out: dah })
    const dReset = matmul(dah, Wh.slice(1, 2 * H, 3 * H), { transB: true })
    sigmoidGradient(mul(dhNext, sub(candidate, hPrev)), z, { out: daz })
    sigmoidGradient(mul(dReset, hPrev), r, { out: dar })
    const throughGates = matmul(dazr, Wh.slice(1, 0, 2 * H), { transB: true })
    sum(da, 0, { out: db })
    matmul(x, da, { transA: true, out: dWx })
    matmul(hPrev, dazr, { transA: true, out: dWh.slice(1, 0, 2 * H) })
    matmul(reset, dah, { transA: true, out: dWh.slice(1, 2 * H, 3 * H) })
    const kept = sub(dhNext, throughCandidate)
    return [matmul(da, Wx, { transB: true }), add(add(kept, mul(dReset, r)), throughGates) as Batch2]
  }
}
