/**
 * An affine layer, softmax and cross-entropy in one, equal to TimeAffine followed by TimeSoftmaxWithLoss up to rounding, in
 * chunks of rows. A chunk is made, turned into its gradient in place, and used:
 *
 *     s = hs·W + b,   ds = (softmax(s) − one-hot(ts)) / C,   dW = hsᵀ·ds,   db = Σ ds,   dhs = ds·Wᵀ
 *
 * The gradients of several chunks are therefore computed in forward (for dout = 1) and kept apart until backward scales
 * them; those of a single chunk are computed in backward. Memory: a chunk of scores, N·T·H floats for dhs, and if there are
 * several chunks, W packed twice and a copy of dW.
 */
import { checkNumber } from '../checks.ts'
import { stateError } from '../errors.ts'
import {
  contiguous,
  countTargets,
  crossEntropyWithGradient,
  fixedDoubles,
  matmul,
  matmulPacked,
  PackedMatrix,
  Scalar,
  scale,
  sum,
  Tensor,
} from '../tensor/index.ts'
import { isTransposed } from '../tensor/ops/operands.ts'
import { FrozenSoftmaxHead } from './frozen-softmax-head.ts'
import { type Batch2, type Batch3, type Bias, checkInput, type TokenBatch, type Weights } from './layer.ts'
import { IGNORED, type LogProbs, type LossHead, type TargetLosses } from './loss-head.ts'
import type { WeightFormat } from './right-operand.ts'
import { chunkRanges } from './score-chunks.ts'
import { SoftmaxReader } from './softmax-reader.ts'
import { TimeAffine } from './time-affine.ts'
import type { TimeEmbedding } from './time-embedding.ts'
import { Workspace } from './workspace.ts'

/** Floats of a cache line, on which each row of scores begins. */
const CACHE_LINE = 16

interface Chunk {
  start: number
  end: number
  scores: Weights
  /** Buffer for the rows of hs, each followed by a 1, and a view without the ones. */
  hsAndOnes: Weights
  hsAlone: Weights
  /** One for each row. */
  losses: Float64Array
}

interface Buffers {
  targets: TokenBatch
  chunks: Chunk[]
  dhs: Batch3
  /** The gradient of hs for dout = 1 if there are several chunks. */
  unscaled: Batch3 | null
}

/** What several chunks share: the weights packed for both products, and the gradients for dout = 1. */
interface Shared {
  packed: PackedMatrix
  packedTransposed: PackedMatrix
  /** [dW; db] = [hs 1]ᵀ·ds, one product */
  gradients: Weights
  dW: Weights
  db: Bias
}

abstract class AffineHead implements LossHead {
  abstract readonly params: Tensor[]
  abstract readonly grads: Tensor[]
  abstract readonly isTied: boolean
  readonly scores: TimeAffine
  readonly loss = { sum: new Scalar(), counted: new Scalar() }
  training = true
  readonly #reader: SoftmaxReader
  readonly #workspace: Workspace<Buffers>
  #shared?: Shared
  #packedForReading?: PackedMatrix
  #cache?: { rows: Weights; buffers: Buffers } | undefined

  constructor(affine: TimeAffine) {
    const [W, b] = affine.params
    const [H, V] = W.shape
    this.scores = affine
    this.#workspace = new Workspace((N, T) => makeBuffers(N, T, H, V))
    this.#reader = new SoftmaxReader(H, V, (products) => {
      if (products === 1) return { W, b }
      this.#packedForReading ??= new PackedMatrix(H, V)
      return { W: this.#packedForReading.pack(W), b }
    })
  }

  abstract namedParams(): [name: string, param: Tensor][]

  get vocabSize(): number {
    return this.#reader.vocabSize
  }

  /**
   * @param hs [N, T, H]
   * @param ts int32 [N, T], classes 0 … V − 1 or −1, which does not count
   * @returns the mean loss in nats over the targets that count; NaN if none does
   */
  forward(hs: Batch3, ts: TokenBatch): number {
    const [W, b] = this.scores.params
    const name = `${this.constructor.name}.forward`
    checkInput(name, 'hs', hs, 'float32', [
      ['N', null],
      ['T', null],
      ['H', W.shape[0]],
    ])
    const [N, T, H] = hs.shape
    checkInput(name, 'ts', ts, 'int32', [
      ['N', N],
      ['T', T],
    ])
    this.#cache = undefined
    const { sum, counted } = this.loss
    if (!this.training) {
      const read = this.#reader.losses(hs, ts)
      sum.value = read.loss
      counted.value = read.counted
      return read.loss / read.counted
    }
    const buffers = this.#workspace.for(N, T)
    const rows = contiguous(hs).reshape([N * T, H])
    const targets = buffers.targets.copyFrom(ts).reshape([N * T])
    countTargets(name, buffers.targets, W.shape[1], IGNORED, this.loss)
    const shared = buffers.unscaled && this.#pack()
    for (const { start, end, scores, losses, hsAndOnes, hsAlone } of buffers.chunks) {
      const h = rows.slice(0, start, end)
      if (shared) matmulPacked(h, shared.packed, { out: scores, bias: b })
      else matmul(h, W, { out: scores, bias: b })
      crossEntropyWithGradient(name, scores, targets.slice(0, start, end), IGNORED, losses, this.loss, scores)
      if (!shared) continue
      hsAlone.copyFrom(h)
      matmul(hsAndOnes, scores, { transA: true, out: shared.gradients, accumulate: start > 0 })
      const dh = buffers.unscaled!.reshape([N * T, H]).slice(0, start, end)
      matmulPacked(scores, shared.packedTransposed, { out: dh })
    }
    this.#cache = { rows, buffers }
    return sum.value / counted.value
  }

  /** @param dout the gradient of the loss  @returns dhs [N, T, H], a buffer that the next backward of this shape overwrites */
  backward(dout = 1): Batch3 {
    const name = `${this.constructor.name}.backward`
    if (!this.#cache) throw stateError(name, 'call forward first, with training on')
    checkNumber(name, 'dout', dout)
    const { rows, buffers } = this.#cache
    const [dW, db] = this.scores.grads
    const { unscaled, dhs } = buffers
    if (unscaled) {
      scale(this.#shared!.dW, dout, { out: dW })
      scale(db.copyFrom(this.#shared!.db), dout, { out: db })
      return scale(unscaled, dout, { out: dhs })
    }
    const { scores } = buffers.chunks[0]!
    matmul(rows, scores, { transA: true, out: dW })
    sum(scores, 0, { out: db })
    matmul(scores, this.scores.params[0], { transB: true, out: dhs.reshape(rows.shape) })
    if (dout !== 1) for (const gradient of [dW, db, dhs] as Tensor[]) scale(gradient, dout, { out: gradient })
    return dhs
  }

  logProbs(h: Batch2, out?: LogProbs): LogProbs {
    return this.#reader.logProbs(h, out)
  }

  losses(hs: Batch3, ts: TokenBatch): TargetLosses {
    return this.#reader.losses(hs, ts)
  }

  freeze(format: WeightFormat): FrozenSoftmaxHead {
    return new FrozenSoftmaxHead(this, format)
  }

  #pack(): Shared {
    const [W] = this.scores.params
    this.#shared ??= makeShared(W)
    this.#shared.packed.pack(W)
    this.#shared.packedTransposed.pack(W, { transB: true })
    return this.#shared
  }
}

/** The head with weights W [H, V] and b [V] of its own. */
export class SoftmaxHead extends AffineHead {
  readonly params: [W: Weights, b: Bias]
  readonly grads: [dW: Weights, db: Bias]
  readonly isTied = false

  /** Shares the parameters and gradients of `affine`. */
  constructor(affine: TimeAffine) {
    super(affine)
    this.params = affine.params
    this.grads = affine.grads
  }

  namedParams(): [name: string, param: Tensor][] {
    const [W, b] = this.params
    return [
      ['affine.W', W],
      ['affine.b', b],
    ]
  }
}

/**
 * The head whose weights are the transposed word vectors [V, H] (weight tying; Inan et al. 2017, Press and Wolf 2017). Only
 * b [V] is its own. `backward` writes the gradient of W to that of the embedding, whose `backward` then adds to it.
 */
export class TiedSoftmaxHead extends AffineHead {
  readonly params: [b: Bias]
  readonly grads: [db: Bias]
  readonly isTied = true

  constructor(embedding: TimeEmbedding) {
    const [vectors] = embedding.params
    const dW = embedding.grads[0].transpose()
    const affine = new TimeAffine(vectors.transpose(), Tensor.fixed([vectors.shape[0]]), { dW })
    super(affine)
    this.params = [affine.params[1]]
    this.grads = [affine.grads[1]]
  }

  namedParams(): [name: string, param: Tensor][] {
    return [['affine.b', this.params[0]]]
  }
}

function makeShared(W: Weights): Shared {
  const [H, V] = W.shape
  const gradients: Weights = isTransposed(W) ? Tensor.fixed([V, H + 1]).transpose() : Tensor.fixed([H + 1, V])
  return {
    packed: new PackedMatrix(H, V),
    packedTransposed: new PackedMatrix(V, H),
    gradients,
    dW: gradients.slice(0, 0, H),
    db: gradients.select(0, H),
  }
}

function makeBuffers(N: number, T: number, H: number, V: number): Buffers {
  const ranges = chunkRanges(N * T, H, V)
  const longest = Math.ceil((N * T) / ranges.length)
  const scores = Tensor.fixed([longest, Math.ceil(V / CACHE_LINE) * CACHE_LINE]).slice(1, 0, V)
  const losses = fixedDoubles(longest)
  const hsAndOnes = Tensor.fixed([longest, H + 1])
  hsAndOnes.data.fill(1)
  return {
    targets: Tensor.fixed([N, T], 'int32'),
    dhs: Tensor.fixed([N, T, H]),
    unscaled: ranges.length > 1 ? Tensor.fixed([N, T, H]) : null,
    chunks: ranges.map(([start, end]) => {
      const length = end - start
      return {
        start,
        end,
        scores: scores.slice(0, 0, length),
        hsAndOnes: hsAndOnes.slice(0, 0, length),
        hsAlone: hsAndOnes.slice(0, 0, length).slice(1, 0, H),
        losses,
      }
    }),
  }
}
