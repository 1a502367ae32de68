/**
 * One step of the plain recurrent network, in readable form: "Deep Learning from Scratch 2", ch. 5.3.
 *
 *     hNext = tanh(hPrev·Wh + x·Wx + b)        x [N, D], hPrev and hNext [N, H]
 *
 *     dt = dhNext · (1 − hNext²)
 *     dWh = hPrevᵀ·dt, dWx = xᵀ·dt, db = Σ dt, dhPrev = dt·Whᵀ, dx = dt·Wxᵀ
 */
import { add, matmul, sum, tanh, tanhGradient } from '../tensor/index.ts'
import type { Batch2, Bias, Weights } from './layer.ts'
import { RecurrentStep } from './recurrent-step.ts'

interface RnnStep {
  next: [h: Batch2]
}

export class RNN extends RecurrentStep<RnnStep> {
  /** @param Wx [D, H]  @param Wh [H, H]  @param b [H] */
  constructor(Wx: Weights, Wh: Weights, b: Bias) {
    super('RNN', [Wx, Wh, b], 1)
  }

  /** @param x [N, D]  @param hPrev [N, H]  @returns hNext [N, H], a new tensor */
  forward(x: Batch2, hPrev: Batch2): Batch2 {
    return this.stepForward(x, [hPrev])[0]
  }

  protected compute(x: Batch2, [hPrev]: [h: Batch2]): RnnStep {
    const [Wx, Wh, b] = this.params
    return { next: [tanh(add(add(matmul(hPrev, Wh), matmul(x, Wx)), b)) as Batch2] }
  }

  /** @param dhNext [N, H]  @returns dx [N, D] and dhPrev [N, H]; writes the gradients of the weights to `grads` */
  backward(dhNext: Batch2): [dx: Batch2, dhPrev: Batch2] {
    const { x, state, next } = this.lastStep([dhNext])
    const [hPrev] = state
    const [hNext] = next
    const [Wx, Wh] = this.params
    const [dWx, dWh, db] = this.grads
    const dt = tanhGradient(dhNext, hNext)
    sum(dt, 0, { out: db })
    matmul(hPrev, dt, { transA: true, out: dWh })
    matmul(x, dt, { transA: true, out: dWx })
    return [matmul(dt, Wx, { transB: true }), matmul(dt, Wh, { transB: true })]
  }
}
