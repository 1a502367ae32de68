/**
 * The plain recurrent network over a block of T steps ("Deep Learning from Scratch 2", ch. 5.3), equal to T calls of
 * RNN.
 *
 *     hs[:, t] = tanh(hs[:, t−1]·Wh + xs[:, t]·Wx + b)        xs [N, T, D], hs [N, T, H]
 *     da[:, t] = (dhs[:, t] + da[:, t+1]·Whᵀ) · (1 − hs[:, t]²)
 *
 * The projected inputs become hs in place. Memory: 3·N·T·H + N·T·D floats, made once per [N, T].
 */
import { matmul, matmulPacked, PackedMatrix, Tensor, tanhGradient } from '../tensor/index.ts'
import type { Batch2, Bias, Weights } from './layer.ts'
import {
  makePreviousStates,
  makeSequence,
  type RecurrentBlock,
  TimeRecurrent,
  type TimeRecurrentOptions,
} from './time-recurrent.ts'

export class TimeRNN extends TimeRecurrent {
  readonly #packedWh: PackedMatrix
  readonly #packedWht: PackedMatrix

  /** @param Wx [D, H]  @param Wh [H, H]  @param b [H] */
  constructor(Wx: Weights, Wh: Weights, b: Bias, options: TimeRecurrentOptions = {}) {
    super('TimeRNN', [Wx, Wh, b], { gates: 1, stateNames: ['h'] }, options)
    const H = Wh.shape[0]
    this.#packedWh = new PackedMatrix(H, H)
    this.#packedWht = new PackedMatrix(H, H)
  }

  /** Copies h [N, H]: the state that the next block of a stateful layer begins with. */
  setState(h: Batch2): void {
    this.copyState([h])
  }

  protected makeBlock(N: number, T: number): RecurrentBlock {
    const [, Wh] = this.params
    const [, dWh] = this.grads
    const H = Wh.shape[0]
    const hs = makeSequence(N, T, H)
    const das = makeSequence(N, T, H)
    const previous = makePreviousStates(hs.all)
    const dFirst = Tensor.fixed([N, H])
    const steps = hs.steps.map((h, t) => ({
      h,
      hPrev: t === 0 ? previous.first : hs.steps[t - 1]!,
      da: das.steps[t]!,
      addRecurrent: { out: h, accumulate: true, activation: 'tanh' as const },
      passBack: { out: t === 0 ? dFirst : das.steps[t - 1]!, accumulate: t > 0 },
      inPlace: { out: das.steps[t]! },
    }))
    return {
      a: hs.rows,
      da: das.rows,
      hs: hs.all,
      dhs: das.all,
      first: [previous.first],
      dFirst: [dFirst],
      last: [hs.steps[T - 1]!],
      forward: () => {
        const packed = this.#packedWh.pack(Wh)
        for (const { hPrev, addRecurrent } of steps) matmulPacked(hPrev, packed, addRecurrent)
      },
      backward: () => {
        const packed = this.#packedWht.pack(Wh, { transB: true })
        for (let t = T - 1; t >= 0; t--) {
          const { h, da, inPlace, passBack } = steps[t]!
          tanhGradient(da, h, inPlace)
          matmulPacked(da, packed, passBack)
        }
        previous.gather()
        matmul(previous.rows, das.rows, { transA: true, out: dWh })
      },
    }
  }
}
