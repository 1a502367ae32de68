/**
 * One step of the plain recurrent network, in readable form: "Deep Learning from Scratch 2", ch. 5.3.
 *
 *     hNext = tanh(hPrev·Wh + x·Wx + b)        x [N, D], hPrev and hNext [N, H]
 *
 *     dt = dhNext · (1 − hNext²)
 *     dWh = hPrevᵀ·dt, dWx = xᵀ·dt, db = Σ dt, dhPrev = dt·Whᵀ, dx = dt·Wxᵀ
 */
import { checkInteger } from '../checks.ts'
import { add, matmul, sum, Tensor, tanh, tanhGradient } from '../tensor/index.ts'
import {
  type Batch2,
  type Bias,
  checkGradient,
  checkInput,
  checkStateTensors,
  type Layer,
  type LayerState,
  requireForward,
  type Weights,
  zerosLike,
} from './layer.ts'
import { checkRecurrentWeights } from './recurrent-weights.ts'

interface Cache {
  x: Batch2
  hPrev: Batch2
  hNext: Batch2
}

export class RNN implements Layer {
  readonly params: [Wx: Weights, Wh: Weights, b: Bias]
  readonly grads: [dWx: Weights, dWh: Weights, db: Bias]
  #cache?: Cache

  /** @param Wx [D, H]  @param Wh [H, H]  @param b [H] */
  constructor(Wx: Weights, Wh: Weights, b: Bias) {
    checkRecurrentWeights('RNN', [Wx, Wh, b], 1)
    this.params = [Wx, Wh, b]
    this.grads = [zerosLike(Wx), zerosLike(Wh), zerosLike(b)]
  }

  /** @param x [N, D]  @param hPrev [N, H]  @returns hNext [N, H], a new tensor */
  forward(x: Batch2, hPrev: Batch2): Batch2 {
    this.#cache = this.#compute('RNN.forward', x, hPrev)
    return this.#cache.hNext
  }

  /** The zero state h of N streams. */
  zeroState(N: number): LayerState {
    checkInteger('RNN.zeroState', 'N', N)
    const H = this.params[1].shape[0]
    return [Tensor.zeros([N, H])]
  }

  /**
   * `forward` as a pure function: does not change the values that the last forward kept for `backward`.
   * @param x [N, D]  @param state [h], as `zeroState` and `step` return it  @returns the next state
   */
  step(x: Batch2, state: LayerState): LayerState {
    const [h] = checkStateTensors('RNN.step', state, ['h'])
    return [this.#compute('RNN.step', x, h!).hNext]
  }

  #compute(name: string, x: Batch2, hPrev: Batch2): Cache {
    const [Wx, Wh, b] = this.params
    checkInput(name, 'x', x, 'float32', [
      ['N', null],
      ['D', Wx.shape[0]],
    ])
    checkInput(name, 'hPrev', hPrev, 'float32', [
      ['N', x.shape[0]],
      ['H', Wh.shape[0]],
    ])
    const hNext = tanh(add(add(matmul(hPrev, Wh), matmul(x, Wx)), b)) as Batch2
    return { x, hPrev, hNext }
  }

  /** @param dhNext [N, H]  @returns dx [N, D] and dhPrev [N, H]; writes the gradients of the weights to `grads` */
  backward(dhNext: Batch2): [dx: Batch2, dhPrev: Batch2] {
    const { x, hPrev, hNext } = requireForward('RNN.backward', this.#cache)
    checkGradient('RNN.backward', 'dhNext', dhNext, hNext.shape)
    const [Wx, Wh] = this.params
    const [dWx, dWh, db] = this.grads
    const dt = tanhGradient(dhNext, hNext)
    sum(dt, 0, { out: db })
    matmul(hPrev, dt, { transA: true, out: dWh })
    matmul(x, dt, { transA: true, out: dWx })
    return [matmul(dt, Wx, { transB: true }), matmul(dt, Wh, { transB: true })]
  }
}
