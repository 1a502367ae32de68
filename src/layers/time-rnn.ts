/**
 * The plain recurrent network over a block of T steps ("Deep Learning from Scratch 2", ch. 5.3), equal to T calls of
 * RNN, with truncated back-propagation: the state goes on from block to block, the gradient stops at the block's start.
 *
 *     hs[:, t] = tanh(hs[:, t−1]·Wh + xs[:, t]·Wx + b)        xs [N, T, D], hs [N, T, H]
 *
 * Forward: all inputs are projected in one matmul, hs = xs·Wx + b; each step then adds hPrev·Wh and takes tanh in
 * place. Backward: the steps go back through da[:, t] = (dhs[:, t] + da[:, t+1]·Whᵀ) · (1 − hs[:, t]²); the gradients
 * of the weights are one matmul each over all N·T rows. Memory: 3·N·T·H + N·T·D floats, made once per [N, T].
 */
import { rangeError } from '../errors.ts'
import { matmul, matmulPacked, PackedMatrix, sum, Tensor, tanhGradient } from '../tensor/index.ts'
import {
  type Batch2,
  type Batch3,
  type Bias,
  checkGradient,
  checkInput,
  contiguous,
  requireForward,
  type StatefulLayer,
  type Weights,
  zerosLike,
} from './layer.ts'
import { checkRecurrentWeights } from './recurrent-weights.ts'
import { Workspace } from './workspace.ts'

interface Step {
  /** hs[:, t] */
  h: Batch2
  /** hs[:, t−1], or the state that the block began with */
  hPrev: Batch2
  /** da[:, t] */
  da: Batch2
  addRecurrent: { out: Batch2; accumulate: true; activation: 'tanh' }
  /** Hands the gradient to the step before, or out of the block. */
  passBack: { out: Batch2; accumulate: boolean }
  inPlace: { out: Batch2 }
}

interface Buffers {
  hs: Batch3
  /** All rows of hs, da, dxs and of each step's hPrev, as matrices of N·T rows. */
  hRows: Weights
  daRows: Weights
  dxRows: Weights
  hPrevRows: Weights
  /** hPrevs[:, 1:] and hs[:, :−1], as matrices of N rows. */
  laterPrevs: Tensor
  earlierStates: Tensor
  firstPrev: Batch2
  lastState: Batch2
  da: Batch3
  dxs: Batch3
  dh: Batch2
  steps: Step[]
}

export class TimeRNN implements StatefulLayer {
  readonly params: [Wx: Weights, Wh: Weights, b: Bias]
  readonly grads: [dWx: Weights, dWh: Weights, db: Bias]
  readonly stateful: boolean
  readonly #workspace: Workspace<Buffers>
  readonly #packedWht: PackedMatrix
  /** The state, once there was one; zero where `hasState` is false. */
  #state: Batch2 | null = null
  #hasState = false
  #dh: Batch2 | null = null
  #cache?: { xRows: Weights; buffers: Buffers }

  /**
   * @param Wx [D, H]  @param Wh [H, H]  @param b [H]
   * @param options `stateful`: begin each block with the state that the one before ended with
   */
  constructor(Wx: Weights, Wh: Weights, b: Bias, options: { stateful?: boolean } = {}) {
    checkRecurrentWeights('TimeRNN', Wx, Wh, b, 1)
    this.params = [Wx, Wh, b]
    this.grads = [zerosLike(Wx), zerosLike(Wh), zerosLike(b)]
    this.stateful = options.stateful ?? false
    this.#packedWht = new PackedMatrix(Wh.shape[1], Wh.shape[0])
    this.#workspace = new Workspace((N, T) => makeBuffers(N, T, Wx.shape[0], Wh.shape[0]))
  }

  /** The state after the last block, [N, H]; null before the first. */
  get h(): Batch2 | null {
    return this.#hasState ? this.#state : null
  }

  /** The gradient handed to whatever gave the block its first state (a seq2seq encoder), [N, H]. */
  get dh(): Batch2 | null {
    return this.#dh
  }

  /** Copies h [N, H]: the state that the next block of a stateful layer begins with. */
  setState(h: Batch2): void {
    checkInput('TimeRNN.setState', 'h', h, 'float32', [
      ['N', null],
      ['H', this.params[1].shape[0]],
    ])
    if (this.#state?.shape[0] === h.shape[0]) this.#state.copyFrom(h)
    else this.#state = h.clone()
    this.#hasState = true
  }

  resetState(): void {
    this.#state?.fill(0)
    this.#hasState = false
  }

  saveState(): Tensor[] | null {
    return this.h && [this.h.clone()]
  }

  restoreState(state: Tensor[] | null): void {
    if (state) this.setState(state[0] as Batch2)
    else this.resetState()
  }

  /** @param xs [N, T, D]  @returns hs [N, T, H], a buffer that the next forward of this shape writes again */
  forward(xs: Batch3): Batch3 {
    const [Wx, Wh, b] = this.params
    checkInput('TimeRNN.forward', 'xs', xs, 'float32', [
      ['N', null],
      ['T', null],
      ['D', Wx.shape[0]],
    ])
    const [N, T, D] = xs.shape
    const state = this.#stateFor(N)
    const buffers = this.#workspace.for(N, T)
    const xRows = contiguous(xs).reshape([N * T, D])
    matmul(xRows, Wx, { out: buffers.hRows, bias: b })
    buffers.firstPrev.copyFrom(state)
    for (const step of buffers.steps) matmul(step.hPrev, Wh, step.addRecurrent)
    state.copyFrom(buffers.lastState)
    this.#hasState = true
    this.#cache = { xRows, buffers }
    return buffers.hs
  }

  /** The buffer of the state that a block of batch size N begins with. */
  #stateFor(N: number): Batch2 {
    const isFresh = !this.stateful || !this.#hasState
    if (!this.#state || (isFresh && this.#state.shape[0] !== N)) {
      this.#state = Tensor.zeros([N, this.params[1].shape[0]]) as Batch2
    } else if (!this.stateful) {
      this.#state.fill(0)
    }
    if (this.#state.shape[0] !== N) {
      const known = this.#state.shape[0]
      throw rangeError('TimeRNN.forward', 'xs', `N = ${known} as in the state (or call resetState first)`, N)
    }
    return this.#state
  }

  /** @param dhs [N, T, H]  @returns dxs [N, T, D], a buffer as forward's; the weights' gradients go to `grads` */
  backward(dhs: Batch3): Batch3 {
    const { xRows, buffers } = requireForward('TimeRNN.backward', this.#cache)
    checkGradient('TimeRNN.backward', 'dhs', dhs, buffers.hs.shape)
    const [Wx, Wh] = this.params
    const [dWx, dWh, db] = this.grads
    const Wht = this.#packedWht.pack(Wh, { transB: true })
    buffers.da.copyFrom(dhs)
    for (let t = buffers.steps.length - 1; t >= 0; t--) {
      const step = buffers.steps[t]!
      tanhGradient(step.da, step.h, step.inPlace)
      matmulPacked(step.da, Wht, step.passBack)
    }
    buffers.laterPrevs.copyFrom(buffers.earlierStates)
    matmul(buffers.hPrevRows, buffers.daRows, { transA: true, out: dWh })
    matmul(xRows, buffers.daRows, { transA: true, out: dWx })
    sum(buffers.daRows, 0, { out: db })
    matmul(buffers.daRows, Wx, { transB: true, out: buffers.dxRows })
    this.#dh = buffers.dh
    return buffers.dxs
  }
}

function makeBuffers(N: number, T: number, D: number, H: number): Buffers {
  const hs = Tensor.zeros([N, T, H])
  const hPrevs = Tensor.zeros([N, T, H])
  const da = Tensor.zeros([N, T, H])
  const dxs = Tensor.zeros([N, T, D])
  const dh = Tensor.zeros([N, H])
  const firstPrev = hPrevs.select(1, 0)
  const states = Array.from({ length: T }, (_, t) => hs.select(1, t))
  const gradients = Array.from({ length: T }, (_, t) => da.select(1, t))
  const blocks = [N, T * H] as const
  return {
    hs,
    hRows: hs.reshape([N * T, H]),
    daRows: da.reshape([N * T, H]),
    dxRows: dxs.reshape([N * T, D]),
    hPrevRows: hPrevs.reshape([N * T, H]),
    laterPrevs: hPrevs.reshape(blocks).slice(1, H, T * H),
    earlierStates: hs.reshape(blocks).slice(1, 0, (T - 1) * H),
    firstPrev,
    lastState: states[T - 1]!,
    da,
    dxs,
    dh,
    steps: states.map((h, t) => ({
      h,
      hPrev: t === 0 ? firstPrev : states[t - 1]!,
      da: gradients[t]!,
      addRecurrent: { out: h, accumulate: true, activation: 'tanh' },
      passBack: { out: t === 0 ? dh : gradients[t - 1]!, accumulate: t > 0 },
      inPlace: { out: gradients[t]! },
    })),
  }
}
