/**
 * Trained recurrent layers, for reading only: weights are packed once, each is read once a step, and nothing is kept for a
 * backward pass. The equations are those of RNN, LSTM and GRU ("Deep Learning from Scratch 2", ch. 5 and 6).
 *
 *     xs [N, T, D], state h (and c) [N, H] → hs [N, T, H] and the state after the block
 */
import { addProduct, mul, sigmoid, sub, Tensor, tanh } from '../tensor/index.ts'
import { type FrozenWeights, freezeWeights, type WeightFormat } from './frozen-weights.ts'
import type { Batch2, Batch3, Bias, Weights } from './layer.ts'
import { makeSequence, type Sequence } from './time-recurrent.ts'
import { Workspace } from './workspace.ts'

export interface FrozenLayer {
  /** The size of the weights. */
  readonly byteLength: number
  /** Takes over the parameters of the layer it was made from, which must have the same shapes. */
  update(params: readonly Tensor[]): void
  /**
   * Reads a block from `state` and writes the state after it to `next`, which may be `state`.
   * @returns hs [N, T, H], a buffer that the next call writes again
   */
  read(xs: Batch3, state: readonly Batch2[], next: readonly Batch2[]): Batch3
}

export type FreezeLayer = (params: readonly Tensor[], format: WeightFormat) => FrozenLayer

/** The parameters Wx, Wh and b of a layer; Wh may be split by columns. */
class FrozenParams {
  readonly #input: FrozenWeights
  readonly recurrent: readonly FrozenWeights[]
  readonly #bias: Bias
  readonly #split: (Wh: Weights) => Weights[]

  constructor(
    [Wx, Wh, b]: readonly Tensor[],
    format: WeightFormat,
    split: (Wh: Weights) => Weights[] = (Wh) => [Wh],
  ) {
    this.#split = split
    this.#input = freezeWeights(Wx as Weights, format)
    this.recurrent = split(Wh as Weights).map((part) => freezeWeights(part, format))
    this.#bias = (b as Bias).clone()
  }

  get byteLength(): number {
    return this.recurrent.reduce((sum, { byteLength }) => sum + byteLength, this.#input.byteLength)
  }

  update([Wx, Wh, b]: readonly Tensor[]): void {
    this.#input.pack(Wx!)
    this.#split(Wh as Weights).forEach((part, i) => {
      this.recurrent[i]!.pack(part)
    })
    this.#bias.copyFrom(b as Bias)
  }

  /** a = xs·Wx + b for all steps */
  project(xs: Batch3, a: Sequence): void {
    const [N, T, D] = xs.shape
    this.#input.multiply(xs.reshape([N * T, D]), { out: a.rows, bias: this.#bias })
  }
}

/** Makes a layer of its parameters, and of what it does at each step. */
function frozenLayer<Buffers extends { a: Sequence; hs: Sequence; states: readonly Sequence[] }>(
  params: FrozenParams,
  makeBuffers: (N: number, T: number) => Buffers,
  step: (buffers: Buffers, t: number, state: readonly Batch2[]) => void,
): FrozenLayer {
  const workspace = new Workspace(makeBuffers)
  return {
    byteLength: params.byteLength,
    update: (given) => params.update(given),
    read: (xs, state, next) => {
      const [N, T] = xs.shape
      const buffers = workspace.for(N, T)
      params.project(xs, buffers.a)
      let before = state
      for (let t = 0; t < T; t++) {
        step(buffers, t, before)
        before = buffers.states.map(({ steps }) => steps[t]!)
      }
      for (let i = 0; i < next.length; i++) next[i]!.copyFrom(before[i]!)
      return buffers.hs.all
    },
  }
}

export const freezeRNN: FreezeLayer = (given, format) => {
  const H = given[1]!.shape[0]!
  const params = new FrozenParams(given, format)
  const [Wh] = params.recurrent as [FrozenWeights]
  return frozenLayer(
    params,
    (N, T) => {
      const hs = makeSequence(N, T, H)
      return { a: hs, hs, states: [hs] }
    },
    ({ hs }, t, [h]) => {
      const out = hs.steps[t]!
      Wh.multiply(h!, { out, accumulate: true })
      tanh(out, { out })
    },
  )
}

export const freezeLSTM: FreezeLayer = (given, format) => {
  const H = given[1]!.shape[0]!
  const params = new FrozenParams(given, format)
  const [Wh] = params.recurrent as [FrozenWeights]
  return frozenLayer(
    params,
    (N, T) => {
      const [a, hs, cs] = [makeSequence(N, T, 4 * H), makeSequence(N, T, H), makeSequence(N, T, H)]
      const tanhC: Batch2 = Tensor.fixed([N, H])
      return { a, hs, states: [hs, cs], tanhC, gates: a.steps.map((step) => sliceGates(step, H)) }
    },
    ({ a, states, tanhC, gates }, t, [h, c]) => {
      const [hNext, cNext] = states.map(({ steps }) => steps[t]!)
      const { f, g, i, o, io } = gates[t]!
      Wh.multiply(h!, { out: a.steps[t]!, accumulate: true })
      sigmoid(f, { out: f })
      tanh(g, { out: g })
      sigmoid(io, { out: io })
      mul(f, c!, { out: cNext! })
      addProduct(g, i, { out: cNext! })
      tanh(cNext!, { out: tanhC })
      mul(o, tanhC, { out: hNext! })
    },
  )
}

function sliceGates(gates: Batch2, H: number): Record<'f' | 'g' | 'i' | 'o' | 'io', Batch2> {
  const slice = (from: number, to: number) => gates.slice(1, from * H, to * H)
  return { f: slice(0, 1), g: slice(1, 2), i: slice(2, 3), o: slice(3, 4), io: slice(2, 4) }
}

export const freezeGRU: FreezeLayer = (given, format) => {
  const H = given[1]!.shape[0]!
  const split = (Wh: Weights) => [Wh.slice(1, 0, 2 * H), Wh.slice(1, 2 * H, 3 * H)]
  const params = new FrozenParams(given, format, split)
  const [ofGates, ofCandidate] = params.recurrent as [FrozenWeights, FrozenWeights]
  return frozenLayer(
    params,
    (N, T) => {
      const [a, hs] = [makeSequence(N, T, 3 * H), makeSequence(N, T, H)]
      const product: Batch2 = Tensor.fixed([N, H])
      const gates = a.steps.map((step) => ({
        z: step.slice(1, 0, H),
        r: step.slice(1, H, 2 * H),
        zr: step.slice(1, 0, 2 * H),
        candidate: step.slice(1, 2 * H, 3 * H),
      }))
      return { a, hs, states: [hs], product, gates }
    },
    ({ hs, product, gates }, t, [h]) => {
      const { z, r, zr, candidate } = gates[t]!
      const hNext = hs.steps[t]!
      ofGates.multiply(h!, { out: zr, accumulate: true })
      sigmoid(zr, { out: zr })
      mul(r, h!, { out: product })
      ofCandidate.multiply(product, { out: candidate, accumulate: true })
      tanh(candidate, { out: candidate })
      sub(candidate, h!, { out: product })
      hNext.copyFrom(h!)
      addProduct(z, product, { out: hNext })
    },
  )
}
