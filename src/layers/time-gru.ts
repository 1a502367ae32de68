/**
 * The gated recurrent unit over a block of T steps (Cho et al. 2014; "Deep Learning from Scratch 2", appendix C), equal
 * to T calls of GRU. The gates are concatenated in the order z, r, h̃; the reset comes before the product with Wh.
 *
 *     z, r = sigmoid(hPrev·Whzr + x·Wxzr + bzr)               xs [N, T, D], hs [N, T, H]
 *     h̃ = tanh((r · hPrev)·Whh + x·Wxh + bh)
 *     h = (1 − z) · hPrev + z · h̃ = hPrev + z · (h̃ − hPrev)
 *
 *     dah = dh · z · (1 − h̃²),  d(r·hPrev) = dah·Whhᵀ
 *     daz = dh · (h̃ − hPrev) · z(1−z),  dar = d(r·hPrev) · hPrev · r(1−r)
 *     dhPrev = dh · (1 − z) + d(r·hPrev) · r + dazr·Whzrᵀ
 *
 * The projected inputs become the gates in place. Memory: 11·N·T·H + N·T·D floats, allocated once per [N, T].
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
  sub,
  Tensor,
  tanhGradient,
} from '../tensor/index.ts'
import { freezeWith, type RecurrentOperands } from './frozen-recurrent.ts'
import { projectInputs, projectInputsBackward } from './input-projection.ts'
import type { Batch2, Bias, Weights } from './layer.ts'
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

interface GruForward extends ForwardBlock {
  steps: (ReturnType<typeof sliceGates> & Record<'h' | 'hPrev' | 'reset' | 'change', Batch2>)[]
  previous: PreviousStates
  resetRows: Weights
}

/** Wh in two parts: the columns of z and r, and those of the candidate. */
function gruForward(
  N: number,
  T: number,
  H: number,
  operands: () => RecurrentOperands,
  starts?: SentenceStarts,
): GruForward {
  const gates = makeSequence(N, T, 3 * H)
  const hs = makeSequence(N, T, H)
  const resets = makeSequence(N, T, H)
  const changes = makeSequence(N, T, H)
  const previous = makePreviousStates(hs, starts)
  const steps = hs.steps.map((h, t) => {
    const ofStep = sliceGates(gates.steps[t]!, H)
    return {
      ...ofStep,
      addToGates: { out: ofStep.zr, accumulate: true },
      addToCandidate: { out: ofStep.candidate, accumulate: true, activation: 'tanh' as const },
      h,
      hPrev: previous.steps[t]!,
      /** r · hPrev */
      reset: resets.steps[t]!,
      /** h̃ − hPrev */
      change: changes.steps[t]!,
    }
  })
  return {
    hs: hs.all,
    first: [previous.first],
    last: [hs.steps[T - 1]!],
    run: (xs) => {
      const { Wh, ...projection } = operands()
      projectInputs(xs, projection, gates.rows)
      for (const [t, step] of steps.entries()) {
        const { zr, z, r, candidate, h, hPrev, reset, change, addToGates, addToCandidate } = step
        previous.begin(t)
        multiply(hPrev, Wh[0]!, addToGates)
        sigmoid(zr, { out: zr })
        mul(r, hPrev, { out: reset })
        multiply(reset, Wh[1]!, addToCandidate)
        sub(candidate, hPrev, { out: change })
        mul(z, change, { out: h })
        add(h, hPrev, { out: h })
      }
    },
    steps,
    previous,
    resetRows: resets.rows,
  }
}

export const freezeGRU = freezeWith(gruForward, (Wh) => {
  const { zr, candidate } = sliceGates(Wh, Wh.shape[0])
  return [zr, candidate]
})

export class TimeGRU extends TimeRecurrent<RecurrentWeights> {
  /** @param Wx [D, 3H]  @param Wh [H, 3H]  @param b [3H] */
  constructor(Wx: Weights, Wh: Weights, b: Bias, options: TimeRecurrentOptions = {}) {
    const weights = checkRecurrentWeights('TimeGRU', [Wx, Wh, b], 3)
    super('TimeGRU', weights, { input: Wx.shape[0], state: { h: Wh.shape[0] } }, options)
  }

  protected forwardMaker(starts?: SentenceStarts): BlockMaker<GruForward> {
    const [Wx, Wh, b] = this.params
    const H = Wh.shape[0]
    const { zr, candidate } = sliceGates(Wh, H)
    const [packedZr, packedH] = [new PackedMatrix(H, 2 * H), new PackedMatrix(H, H)]
    return (N, T) =>
      gruForward(
        N,
        T,
        H,
        () => ({ Wx, b, Wh: [packedFor(T, packedZr, zr), packedFor(T, packedH, candidate)] }),
        starts,
      )
  }

  protected trainingMaker(): BlockMaker<TrainingBlock> {
    const [Wx, Wh, b] = this.params
    const [dWx, dWh, db] = this.grads
    const H = Wh.shape[0]
    const weights = sliceGates(Wh, H)
    const weightGradients = sliceGates(dWh, H)
    const [packedZr, packedH] = [new PackedMatrix(2 * H, H), new PackedMatrix(H, H)]
    const starts = this.sentenceStarts
    const makeForward = this.forwardMaker(starts)
    return (N, T) => {
      const forward = makeForward(N, T)
      const das = makeSequence(N, T, 3 * H)
      const daRows = sliceGates(das.rows, H)
      const dhs = makeSequence(N, T, H)
      const dFirst = Tensor.fixed([N, H])
      /** dh · z, then the gradient of r · hPrev. */
      const scratch = Tensor.fixed([N, H])
      const passBack = makePassBack(dhs.steps, dFirst, starts)
      const steps = forward.steps.map((step, t) => ({
        ...step,
        dh: dhs.steps[t]!,
        dhPrev: passBack.steps[t]!.out,
        hasGradient: passBack.steps[t]!.accumulate,
        gradients: sliceGates(das.steps[t]!, H),
      }))
      return {
        forward,
        dhs: dhs.all,
        dFirst: [dFirst],
        backward: (xs, dxs) => {
          packedZr.pack(weights.zr, { transB: true })
          packedH.pack(weights.candidate, { transB: true })
          for (let t = T - 1; t >= 0; t--) {
            const { zr, z, r, candidate, hPrev, change, dh, dhPrev, hasGradient, gradients } = steps[t]!
            if (!hasGradient) dhPrev.fill(0)
            mul(dh, change, { out: gradients.z })
            mul(dh, z, { out: scratch })
            sub(dh, scratch, { out: dh })
            add(dhPrev, dh, { out: dhPrev })
            tanhGradient(scratch, candidate, { out: gradients.candidate })
            matmulPacked(gradients.candidate, packedH, { out: scratch })
            mul(scratch, hPrev, { out: gradients.r })
            addProduct(scratch, r, { out: dhPrev })
            sigmoidGradient(gradients.zr, zr, { out: gradients.zr })
            matmulPacked(gradients.zr, packedZr, { out: dhPrev, accumulate: true })
            passBack.end(t)
          }
          forward.previous.gather()
          matmul(forward.previous.rows, daRows.zr, { transA: true, out: weightGradients.zr })
          matmul(forward.resetRows, daRows.candidate, { transA: true, out: weightGradients.candidate })
          projectInputsBackward({ xs, da: das.rows, dxs }, { Wx, b }, { Wx: dWx, b: db })
        },
      }
    }
  }
}

/** Views of the gates in a matrix of 3H columns, and of z and r together. */
function sliceGates(a: Batch2, H: number) {
  return {
    z: a.slice(1, 0, H),
    r: a.slice(1, H, 2 * H),
    zr: a.slice(1, 0, 2 * H),
    candidate: a.slice(1, 2 * H, 3 * H),
  }
}
