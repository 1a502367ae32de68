/**
 * One step of the gated recurrent unit, in readable form: "Deep Learning from Scratch 2", appendix C. The gates
 * are concatenated in the order z, r, h̃; the reset comes before the product with Wh.
 *
 *     z, r = sigmoid(hPrev·Whzr + x·Wxzr + bzr)        x [N, D], hPrev [N, H]
 *     h̃ = tanh((r · hPrev)·Whh + x·Wxh + bh)
 *     hNext = (1 − z) · hPrev + z · h̃
 */
import { checkInteger } from '../checks.ts'
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

interface Cache extends Record<'z' | 'r' | 'candidate' | 'reset', Batch2> {
  x: Batch2
  hPrev: Batch2
  hNext: Batch2
}

export class GRU implements Layer {
  readonly params: [Wx: Weights, Wh: Weights, b: Bias]
  readonly grads: [dWx: Weights, dWh: Weights, db: Bias]
  #cache?: Cache

  /** @param Wx [D, 3H]  @param Wh [H, 3H]  @param b [3H] */
  constructor(Wx: Weights, Wh: Weights, b: Bias) {
    checkRecurrentWeights('GRU', [Wx, Wh, b], 3)
    this.params = [Wx, Wh, b]
    this.grads = [zerosLike(Wx), zerosLike(Wh), zerosLike(b)]
  }

  /** @param x [N, D]  @param hPrev [N, H]  @returns hNext [N, H], a new tensor */
  forward(x: Batch2, hPrev: Batch2): Batch2 {
    this.#cache = this.#compute('GRU.forward', x, hPrev)
    return this.#cache.hNext
  }

  /** The zero state h of N streams. */
  zeroState(N: number): LayerState {
    checkInteger('GRU.zeroState', 'N', N)
    const H = this.params[1].shape[0]
    return [Tensor.zeros([N, H])]
  }

  /**
   * `forward` as a pure function: does not change the values that the last forward kept for `backward`.
   * @param x [N, D]  @param state [h], as `zeroState` and `step` return it  @returns the next state
   */
  step(x: Batch2, state: LayerState): LayerState {
    const [h] = checkStateTensors('GRU.step', state, ['h'])
    return [this.#compute('GRU.step', x, h!).hNext]
  }

  #compute(name: string, x: Batch2, hPrev: Batch2): Cache {
    const [Wx, Wh, b] = this.params
    const [D, H] = [Wx.shape[0], Wh.shape[0]]
    checkInput(name, 'x', x, 'float32', [
      ['N', null],
      ['D', D],
    ])
    checkInput(name, 'hPrev', hPrev, 'float32', [
      ['N', x.shape[0]],
      ['H', H],
    ])
    const projected = add(matmul(x, Wx), b) as Batch2
    const zr = sigmoid(add(projected.slice(1, 0, 2 * H), matmul(hPrev, Wh.slice(1, 0, 2 * H)))) as Batch2
    const [z, r] = [zr.slice(1, 0, H), zr.slice(1, H, 2 * H)]
    const reset = mul(r, hPrev) as Batch2
    const candidate = tanh(
      add(projected.slice(1, 2 * H, 3 * H), matmul(reset, Wh.slice(1, 2 * H, 3 * H))),
    ) as Batch2
    const hNext = add(hPrev, mul(z, sub(candidate, hPrev))) as Batch2
    return { x, hPrev, z, r, candidate, reset, hNext }
  }

  /** @param dhNext [N, H]  @returns dx [N, D] and dhPrev [N, H]; writes the gradients of the weights to `grads` */
  backward(dhNext: Batch2): [dx: Batch2, dhPrev: Batch2] {
    const { x, hPrev, z, r, candidate, reset } = requireForward('GRU.backward', this.#cache)
    checkGradient('GRU.backward', 'dhNext', dhNext, candidate.shape)
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
