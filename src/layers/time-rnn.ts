/**
 * The plain recurrent network over a block of T steps ("Deep Learning from Scratch 2", ch. 5.3), equal to T calls of
 * RNN.
 *
 *     hs[:, t] = tanh(hs[:, t−1]·Wh + xs[:, t]·Wx + b)        xs [N, T, D], hs [N, T, H]
 *     da[:, t] = (dhs[:, t] + da[:, t+1]·Whᵀ) · (1 − hs[:, t]²)
 *
 * The projected inputs become hs in place. Memory: 3·N·T·H + N·T·D floats, allocated once per [N, T].
 */
import { matmul, matmulPacked, PackedMatrix, Tensor, tanhGradient } from '../tensor/index.ts'
import { freezeWith, type RecurrentOperands } from './frozen-recurrent.ts'
import { projectInputs, projectInputsBackward } from './input-projection.ts'
import type { Bias, Weights } from './layer.ts'
import type { ForwardBlock } from './recurrent-reader.ts'
import { checkRecurrentWeights, type RecurrentWeights } from './recurrent-weights.ts'
import { multiply, packedFor } from './right-operand.ts'
import type { SentenceStarts } from './sentence-starts.ts'
import {
  makePassBack,
  makePreviousStates,
  makeSequence,
  type PreviousStates,
  type Sequence,
} from './state-path.ts'
import {
  type BlockMaker,
  TimeRecurrent,
  type TimeRecurrentOptions,
  type TrainingBlock,
} from './time-recurrent.ts'

interface RnnForward extends ForwardBlock {
  states: Sequence
  previous: PreviousStates
}

function rnnForward(
  N: number,
  T: number,
  H: number,
  operands: () => RecurrentOperands,
  starts?: SentenceStarts,
): RnnForward {
  const hs = makeSequence(N, T, H)
  const previous = makePreviousStates(hs, starts)
  const steps = hs.steps.map((h, t) => ({
    hPrev: previous.steps[t]!,
    addRecurrent: { out: h, accumulate: true, activation: 'tanh' as const },
  }))
  return {
    hs: hs.all,
    first: [previous.first],
    last: [hs.steps[T - 1]!],
    run: (xs) => {
      const { Wh, ...projection } = operands()
      projectInputs(xs, projection, hs.rows)
      for (const [t, { hPrev, addRecurrent }] of steps.entries()) {
        previous.begin(t)
        multiply(hPrev, Wh[0]!, addRecurrent)
      }
    },
    states: hs,
    previous,
  }
}

export const freezeRNN = freezeWith(rnnForward)

export class TimeRNN extends TimeRecurrent<RecurrentWeights> {
  /** @param Wx [D, H]  @param Wh [H, H]  @param b [H] */
  constructor(Wx: Weights, Wh: Weights, b: Bias, options: TimeRecurrentOptions = {}) {
    const weights = checkRecurrentWeights('TimeRNN', [Wx, Wh, b], 1)
    super('TimeRNN', weights, { input: Wx.shape[0], state: { h: Wh.shape[0] } }, options)
  }

  protected forwardMaker(starts?: SentenceStarts): BlockMaker<RnnForward> {
    const [Wx, Wh, b] = this.params
    const H = Wh.shape[0]
    const packed = new PackedMatrix(H, H)
    return (N, T) => rnnForward(N, T, H, () => ({ Wx, b, Wh: [packedFor(T, packed, Wh)] }), starts)
  }

  protected trainingMaker(): BlockMaker<TrainingBlock> {
    const [Wx, Wh, b] = this.params
    const [dWx, dWh, db] = this.grads
    const H = Wh.shape[0]
    const packed = new PackedMatrix(H, H)
    const starts = this.sentenceStarts
    const makeForward = this.forwardMaker(starts)
    return (N, T) => {
      const forward = makeForward(N, T)
      const das = makeSequence(N, T, H)
      const dFirst = Tensor.fixed([N, H])
      const passBack = makePassBack(das.steps, dFirst, starts)
      const steps = forward.states.steps.map((h, t) => ({
        h,
        da: das.steps[t]!,
        inPlace: { out: das.steps[t]! },
      }))
      return {
        forward,
        dhs: das.all,
        dFirst: [dFirst],
        backward: (xs, dxs) => {
          packed.pack(Wh, { transB: true })
          for (let t = T - 1; t >= 0; t--) {
            const { h, da, inPlace } = steps[t]!
            tanhGradient(da, h, inPlace)
            matmulPacked(da, packed, passBack.steps[t])
            passBack.end(t)
          }
          forward.previous.gather()
          matmul(forward.previous.rows, das.rows, { transA: true, out: dWh })
          projectInputsBackward({ xs, da: das.rows, dxs }, { Wx, b }, { Wx: dWx, b: db })
        },
      }
    }
  }
}
