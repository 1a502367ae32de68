/**
 * One step of long short-term memory, in readable form: "Deep Learning from Scratch 2", ch. 6.2 and 6.3. The gates
 * are concatenated in the order f, g, i, o.
 *
 *     [f, g, i, o] = [sigmoid, tanh, sigmoid, sigmoid](hPrev·Wh + x·Wx + b)       x [N, D], hPrev, cPrev [N, H]
 *     cNext = f · cPrev + g · i        hNext = o · tanh(cNext)
 */
import { checkInteger } from '../checks.ts'
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

interface Cache extends Record<'f' | 'g' | 'i' | 'o', Batch2> {
  x: Batch2
  hPrev: Batch2
  cPrev: Batch2
  tanhC: Batch2
  hNext: Batch2
  cNext: Batch2
}

export class LSTM implements Layer {
  readonly params: [Wx: Weights, Wh: Weights, b: Bias]
  readonly grads: [dWx: Weights, dWh: Weights, db: Bias]
  #cache?: Cache

  /** @param Wx [D, 4H]  @param Wh [H, 4H]  @param b [4H] */
  constructor(Wx: Weights, Wh: Weights, b: Bias) {
    checkRecurrentWeights('LSTM', [Wx, Wh, b], 4)
    this.params = [Wx, Wh, b]
    this.grads = [zerosLike(Wx), zerosLike(Wh), zerosLike(b)]
  }

  /** @param x [N, D]  @param hPrev [N, H]  @param cPrev [N, H]  @returns hNext and cNext [N, H], new tensors */
  forward(x: Batch2, hPrev: Batch2, cPrev: Batch2): [hNext: Batch2, cNext: Batch2] {
    this.#cache = this.#compute('LSTM.forward', x, hPrev, cPrev)
    return [this.#cache.hNext, this.#cache.cNext]
  }

  /** The zero states h and c of N streams. */
  zeroState(N: number): LayerState {
    checkInteger('LSTM.zeroState', 'N', N)
    const H = this.params[1].shape[0]
    return [Tensor.zeros([N, H]), Tensor.zeros([N, H])]
  }

  /**
   * `forward` as a pure function: does not change the values that the last forward kept for `backward`.
   * @param x [N, D]  @param state [h, c], as `zeroState` and `step` return it  @returns the next state
   */
  step(x: Batch2, state: LayerState): LayerState {
    const [h, c] = checkStateTensors('LSTM.step', state, ['h', 'c'])
    const { hNext, cNext } = this.#compute('LSTM.step', x, h!, c!)
    return [hNext, cNext]
  }

  #compute(name: string, x: Batch2, hPrev: Batch2, cPrev: Batch2): Cache {
    const [Wx, Wh, b] = this.params
    const [D, H] = [Wx.shape[0], Wh.shape[0]]
    checkInput(name, 'x', x, 'float32', [
      ['N', null],
      ['D', D],
    ])
    const state = [
      ['N', x.shape[0]],
      ['H', H],
    ] as const
    checkInput(name, 'hPrev', hPrev, 'float32', state)
    checkInput(name, 'cPrev', cPrev, 'float32', state)
    const a = add(add(matmul(hPrev, Wh), matmul(x, Wx)), b) as Batch2
    const f = sigmoid(a.slice(1, 0, H))
    const g = tanh(a.slice(1, H, 2 * H))
    const i = sigmoid(a.slice(1, 2 * H, 3 * H))
    const o = sigmoid(a.slice(1, 3 * H, 4 * H))
    const cNext = add(mul(f, cPrev), mul(g, i)) as Batch2
    const tanhC = tanh(cNext)
    const hNext = mul(o, tanhC) as Batch2
    return { x, hPrev, cPrev, f, g, i, o, tanhC, hNext, cNext }
  }

  /**
   * @param dhNext [N, H]  @param dcNext [N, H]
   * @returns dx [N, D], dhPrev and dcPrev [N, H]; writes the gradients of the weights to `grads`
   */
  backward(dhNext: Batch2, dcNext: Batch2): [dx: Batch2, dhPrev: Batch2, dcPrev: Batch2] {
    const { x, hPrev, cPrev, f, g, i, o, tanhC } = requireForward('LSTM.backward', this.#cache)
    checkGradient('LSTM.backward', 'dhNext', dhNext, tanhC.shape)
    checkGradient('LSTM.backward', 'dcNext', dcNext, tanhC.shape)
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
