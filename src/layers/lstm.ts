/**
 * One step of long short-term memory, in readable form: "Deep Learning from Scratch 2", ch. 6.2 and 6.3. The gates
 * are concatenated in the order f, g, i, o.
 *
 *     [f, g, i, o] = [sigmoid, tanh, sigmoid, sigmoid](hPrev·Wh + x·Wx + b)       x [N, D], hPrev, cPrev [N, H]
 *     cNext = f · cPrev + g · i        hNext = o · tanh(cNext)
 */
import {
  add,
  matmul,
  mul,
  sigmoid,
  sigmoidGradient,
  sum,
  Tensor,
  tanh,
  tanhGradient,
} from '../tensor/index.ts'
import type { Batch2, Bias, Weights } from './layer.ts'
import { RecurrentStep } from './recurrent-step.ts'

interface LstmStep extends Record<'f' | 'g' | 'i' | 'o' | 'tanhC', Batch2> {
  next: [h: Batch2, c: Batch2]
}

export class LSTM extends RecurrentStep<LstmStep> {
  /** @param Wx [D, 4H]  @param Wh [H, 4H]  @param b [4H] */
  constructor(Wx: Weights, Wh: Weights, b: Bias) {
    super('LSTM', [Wx, Wh, b], 4, ['h', 'c'])
  }

  /** @param x [N, D]  @param hPrev [N, H]  @param cPrev [N, H]  @returns hNext and cNext [N, H], new tensors */
  forward(x: Batch2, hPrev: Batch2, cPrev: Batch2): [hNext: Batch2, cNext: Batch2] {
    return this.stepForward(x, [hPrev, cPrev])
  }

  protected compute(x: Batch2, [hPrev, cPrev]: [h: Batch2, c: Batch2]): LstmStep {
    const [Wx, Wh, b] = this.params
    const H = Wh.shape[0]
    const a = add(add(matmul(hPrev, Wh), matmul(x, Wx)), b) as Batch2
    const f = sigmoid(a.slice(1, 0, H))
    const g = tanh(a.slice(1, H, 2 * H))
    const i = sigmoid(a.slice(1, 2 * H, 3 * H))
    const o = sigmoid(a.slice(1, 3 * H, 4 * H))
    const cNext = add(mul(f, cPrev), mul(g, i)) as Batch2
    const tanhC = tanh(cNext)
    const hNext = mul(o, tanhC) as Batch2
    return { f, g, i, o, tanhC, next: [hNext, cNext] }
  }

  /**
   * @param dhNext [N, H]  @param dcNext [N, H]
   * @returns dx [N, D], dhPrev and dcPrev [N, H]; writes the gradients of the weights to `grads`
   */
  backward(dhNext: Batch2, dcNext: Batch2): [dx: Batch2, dhPrev: Batch2, dcPrev: Batch2] {
    const { x, state, f, g, i, o, tanhC } = this.lastStep([dhNext, dcNext])
    const [hPrev, cPrev] = state
    const [Wx, Wh] = this.params
    const [dWx, dWh, db] = this.grads
    const [N, H] = tanhC.shape
    const dc = add(dcNext, tanhGradient(mul(dhNext, o), tanhC))
    const da: Batch2 = Tensor.zeros([N, 4 * H])
    sigmoidGradient(mul(dc, cPrev), f, { out: da.slice(1, 0, H) })
    tanhGradient(mul(dc, i), g, { out: da.slice(1, H, 2 * H) })
    sigmoidGradient(mul(dc, g), i, { out: da.slice(1, 2 * H, 3 * H) })
    sigmoidGradient(mul(dhNext, tanhC), o, { out: da.slice(1, 3 * H, 4 * H) })
    sum(da, 0, { out: db })
    matmul(hPrev, da, { transA: true, out: dWh })
    matmul(x, da, { transA: true, out: dWx })
    return [matmul(da, Wx, { transB: true }), matmul(da, Wh, { transB: true }), mul(dc, f) as Batch2]
  }
}
