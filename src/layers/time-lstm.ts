/**
 * Long short-term memory over a block of T steps (Hochreiter and Schmidhuber 1997; Gers et al. 2000; "Deep Learning from
 * Scratch 2", ch. 6.3), equal to T calls of LSTM. The gates are concatenated in the order f, g, i, o.
 *
 *     a = hs[:, t−1]·Wh + xs[:, t]·Wx + b       f, i, o = sigmoid(a), g = tanh(a)       xs [N, T, D], a [N, 4H]
 *     cs[:, t] = f · cs[:, t−1] + g · i         hs[:, t] = o · tanh(cs[:, t])           hs, cs [N, T, H]
 *
 *     dc += dh · o · (1 − tanh²(c))
 *     da = [dc · cPrev · f(1−f), dc · i · (1−g²), dc · g · i(1−i), dh · tanh(c) · o(1−o)]
 *     dcPrev = dc · f,  dhPrev = da·Whᵀ
 *
 * The projected inputs become the gates in place. Memory: 13·N·T·H + N·T·D floats, allocated once per [N, T].
 */
import {
  add,
  addProduct,
  matmul,
  matmulPacked,
  mul,
  PackedMatrix,
  sigmoid,
  sigmoidGradient,
  Tensor,
  tanh,
  tanhGradient,
} from '../tensor/index.ts'
import { checkTensor } from '../tensor/ops/operands.ts'
import { freezeWith, type RecurrentOperands } from './frozen-recurrent.ts'
import { projectInputs, projectInputsBackward } from './input-projection.ts'
import { type Batch2, type Bias, type Weights, zerosLike } from './layer.ts'
import type { ForwardBlock } from './recurrent-reader.ts'
import { checkRecurrentWeights, type RecurrentWeights } from './recurrent-weights.ts'
import { multiply, packedFor } from './right-operand.ts'
import type { SentenceStarts } from './sentence-starts.ts'
import { makePassBack, makePreviousStates, makeSequence, type PreviousStates } from './state-path.ts'
import {
  type BlockMaker,
  TimeRecurrent,
  type TimeRecurrentOptions,
  type TrainingBlock,
} from './time-recurrent.ts'

interface LstmForward extends ForwardBlock {
  steps: (ReturnType<typeof sliceGates> & Record<'h' | 'hPrev' | 'c' | 'cPrev' | 'tanhC', Batch2>)[]
  previous: PreviousStates
}

function lstmForward(
  N: number,
  T: number,
  H: number,
  operands: () => RecurrentOperands,
  starts?: SentenceStarts,
): LstmForward {
  const gates = makeSequence(N, T, 4 * H)
  const hs = makeSequence(N, T, H)
  const cs = makeSequence(N, T, H)
  const tanhs = makeSequence(N, T, H)
  const previous = makePreviousStates(hs, starts)
  const firstC = Tensor.fixed([N, H])
  const steps = hs.steps.map((h, t) => ({
    ...sliceGates(gates.steps[t]!, H),
    addRecurrent: { out: gates.steps[t]!, accumulate: true },
    h,
    hPrev: previous.steps[t]!,
    c: cs.steps[t]!,
    cPrev: t === 0 ? firstC : cs.steps[t - 1]!,
    tanhC: tanhs.steps[t]!,
  }))
  return {
    hs: hs.all,
    first: [previous.first, firstC],
    last: [hs.steps[T - 1]!, cs.steps[T - 1]!],
    run: (xs) => {
      const { Wh, ...projection } = operands()
      projectInputs(xs, projection, gates.rows)
      for (const [t, { f, g, i, o, io, h, hPrev, c, cPrev, tanhC, addRecurrent }] of steps.entries()) {
        previous.begin(t)
        starts?.clear(t, cPrev)
        multiply(hPrev, Wh[0]!, addRecurrent)
        sigmoid(f, { out: f })
        tanh(g, { out: g })
        sigmoid(io, { out: io })
        mul(f, cPrev, { out: c })
        addProduct(g, i, { out: c })
        tanh(c, { out: tanhC })
        mul(o, tanhC, { out: h })
      }
    },
    steps,
    previous,
  }
}

export const freezeLSTM = freezeWith(lstmForward)

export class TimeLSTM extends TimeRecurrent<RecurrentWeights> {
  /** @param Wx [D, 4H]  @param Wh [H, 4H]  @param b [4H] */
  constructor(Wx: Weights, Wh: Weights, b: Bias, options: TimeRecurrentOptions = {}) {
    const weights = checkRecurrentWeights('TimeLSTM', [Wx, Wh, b], 4)
    super('TimeLSTM', weights, { input: Wx.shape[0], state: { h: Wh.shape[0], c: Wh.shape[0] } }, options)
  }

  /** A copy of the memory cell after the last block, [N, H]; null before the first. */
  get c(): Batch2 | null {
    return this.stateAt(1)
  }

  /** The gradient of the cell that the block began with, [N, H]. */
  get dc(): Batch2 | null {
    return this.stateGradientAt(1)
  }

  /** Copies h and c [N, H], zero if c is missing: the state that the next block of a stateful layer begins with. */
  override setState(h: Batch2, c?: Batch2): void {
    checkTensor('TimeLSTM.setState', 'h', h, 'float32')
    this.copyState([h, c === undefined ? zerosLike(h) : c])
  }

  protected forwardMaker(starts?: SentenceStarts): BlockMaker<LstmForward> {
    const [Wx, Wh, b] = this.params
    const H = Wh.shape[0]
    const packed = new PackedMatrix(H, 4 * H)
    return (N, T) => lstmForward(N, T, H, () => ({ Wx, b, Wh: [packedFor(T, packed, Wh)] }), starts)
  }

  protected trainingMaker(): BlockMaker<TrainingBlock> {
    const [Wx, Wh, b] = this.params
    const [dWx, dWh, db] = this.grads
    const H = Wh.shape[0]
    const packed = new PackedMatrix(4 * H, H)
    const starts = this.sentenceStarts
    const makeForward = this.forwardMaker(starts)
    return (N, T) => {
      const forward = makeForward(N, T)
      const das = makeSequence(N, T, 4 * H)
      const dhs = makeSequence(N, T, H)
      const dFirst = Tensor.fixed([N, H])
      /** The gradient of the cell, from the last step back to the first. */
      const dc = Tensor.fixed([N, H])
      const dThroughTanh = Tensor.fixed([N, H])
      const passBack = makePassBack(dhs.steps, dFirst, starts)
      const steps = forward.steps.map((step, t) => ({
        ...step,
        dh: dhs.steps[t]!,
        da: das.steps[t]!,
        gradients: sliceGates(das.steps[t]!, H),
      }))
      return {
        forward,
        dhs: dhs.all,
        dFirst: [dFirst, dc],
        backward: (xs, dxs) => {
          packed.pack(Wh, { transB: true })
          dc.fill(0)
          for (let t = T - 1; t >= 0; t--) {
            const { f, g, i, o, io, cPrev, tanhC, dh, da, gradients } = steps[t]!
            mul(dh, tanhC, { out: gradients.o })
            mul(dh, o, { out: dThroughTanh })
            tanhGradient(dThroughTanh, tanhC, { out: dThroughTanh })
            add(dc, dThroughTanh, { out: dc })
            mul(dc, cPrev, { out: gradients.f })
            mul(dc, i, { out: gradients.g })
            mul(dc, g, { out: gradients.i })
            mul(dc, f, { out: dc })
            starts?.clear(t, dc)
            sigmoidGradient(gradients.f, f, { out: gradients.f })
            tanhGradient(gradients.g, g, { out: gradients.g })
            sigmoidGradient(gradients.io, io, { out: gradients.io })
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

/** Views of the four gates in a [N, 4H], and of i and o together. */
function sliceGates(a: Batch2, H: number) {
  return {
    f: a.slice(1, 0, H),
    g: a.slice(1, H, 2 * H),
    i: a.slice(1, 2 * H, 3 * H),
    o: a.slice(1, 3 * H, 4 * H),
    io: a.slice(1, 2 * H, 4 * H),
  }
}
