/**
 * The head of a language model: TimeAffine, softmax and cross-entropy in one, equal to TimeAffine followed by
 * TimeSoftmaxWithLoss up to rounding, in chunks of rows. With V = 10,000 and N·T = 700 the scores alone would be 28 MB
 * and their gradient as much again; a chunk is a few MB and stays in the cache while it is made, turned into
 * its gradient in place, and used:
 *
 *     s = xs·W + b,   ds = (softmax(s) − one-hot(ts)) / C,   dW = xsᵀ·ds,   db = Σ ds,   dxs = ds·Wᵀ
 *
 * The gradients of several chunks are therefore computed in forward (for dout = 1) and kept apart until backward hands
 * them on; those of a single chunk are computed in backward. With `training` off, forward gives the loss alone.
 */
import { checkNumber } from '../checks.ts'
import { stateError } from '../errors.ts'
import {
  contiguous,
  countTargets,
  crossEntropy,
  crossEntropyWithGradient,
  fixedDoubles,
  matmul,
  matmulPacked,
  PackedMatrix,
  scale,
  sum,
  Tensor,
} from '../tensor/index.ts'
import { isTransposed } from '../tensor/ops/operands.ts'
import { type Batch3, type Bias, checkInput, type Layer, type TokenBatch, type Weights } from './layer.ts'
import type { TimeAffine } from './time-affine.ts'
import type { TimeSoftmaxWithLoss } from './time-softmax-with-loss.ts'
import { Workspace } from './workspace.ts'

/** A chunk has 4 to 16 MB of scores: within that, a third of the size of dW, which each chunk reads and writes. */
const LEAST_SCORES = 2 ** 20
const MOST_SCORES = 2 ** 22
const SCORES_TO_WEIGHTS = 1 / 3

/** Floats of a cache line, on which each row of scores begins. */
const CACHE_LINE = 16

interface Chunk {
  start: number
  end: number
  scores: Weights
  /** Buffer for the rows of xs, each followed by a 1, and a view without the ones. */
  xsAndOnes: Weights
  xsAlone: Weights
  /** One for each row. */
  losses: Float64Array
}

interface Buffers {
  targets: TokenBatch
  chunks: Chunk[]
  dxs: Batch3
  /** The gradient of xs for dout = 1, where there are several chunks. */
  unscaled: Batch3 | null
}

/** What several chunks share: the weights packed for both products, and the gradients for dout = 1. */
interface Shared {
  packed: PackedMatrix
  packedTransposed: PackedMatrix
  /** [dW; db] = [xs 1]ᵀ·ds, one product */
  gradients: Weights
  dW: Weights
  db: Bias
}

export class TimeAffineWithLoss implements Layer {
  readonly params: [W: Weights, b: Bias]
  readonly grads: [dW: Weights, db: Bias]
  training = true
  readonly #loss: TimeSoftmaxWithLoss
  readonly #workspace: Workspace<Buffers>
  #shared?: Shared
  #cache?: { rows: Weights; buffers: Buffers } | undefined

  /** Shares the parameters and gradients of `affine`, and leaves the result in `loss`. */
  constructor(affine: TimeAffine, loss: TimeSoftmaxWithLoss) {
    const [H, V] = affine.params[0].shape
    this.params = affine.params
    this.grads = affine.grads
    this.#loss = loss
    this.#workspace = new Workspace((N, T) => makeBuffers(N, T, H, V))
  }

  /**
   * @param xs [N, T, H]
   * @param ts int32 [N, T], classes 0 … V − 1 or the loss layer's `ignoreLabel`
   * @returns the mean loss in nats over the targets that count; NaN where none does
   */
  forward(xs: Batch3, ts: TokenBatch): number {
    const [W, b] = this.params
    const name = 'TimeAffineWithLoss.forward'
    checkInput(name, 'xs', xs, 'float32', [
      ['N', null],
      ['T', null],
      ['H', W.shape[0]],
    ])
    const [N, T, H] = xs.shape
    checkInput(name, 'ts', ts, 'int32', [
      ['N', N],
      ['T', T],
    ])
    const { result, ignoreLabel } = this.#loss
    const buffers = this.#workspace.for(N, T)
    const rows = contiguous(xs).reshape([N * T, H])
    const targets = buffers.targets.copyFrom(ts).reshape([N * T])
    this.#cache = undefined
    countTargets(name, buffers.targets, W.shape[1], ignoreLabel, result)
    const shared = buffers.unscaled && this.#pack()
    for (const { start, end, scores, losses, xsAndOnes, xsAlone } of buffers.chunks) {
      const x = rows.slice(0, start, end)
      const t = targets.slice(0, start, end)
      if (shared) matmulPacked(x, shared.packed, { out: scores, bias: b })
      else matmul(x, W, { out: scores, bias: b })
      if (!this.training) {
        crossEntropy(name, scores, t, ignoreLabel, losses, result)
        continue
      }
      crossEntropyWithGradient(name, scores, t, ignoreLabel, losses, result, scores)
      if (!shared) continue
      xsAlone.copyFrom(x)
      matmul(xsAndOnes, scores, { transA: true, out: shared.gradients, accumulate: start > 0 })
      const dx = buffers.unscaled!.reshape([N * T, H]).slice(0, start, end)
      matmulPacked(scores, shared.packedTransposed, { out: dx })
    }
    if (this.training) this.#cache = { rows, buffers }
    return this.#loss.loss
  }

  /** @param dout the gradient of the loss  @returns dxs [N, T, H], a buffer that the next backward of this shape overwrites */
  backward(dout = 1): Batch3 {
    if (!this.#cache) throw stateError('TimeAffineWithLoss.backward', 'call forward first, with training on')
    checkNumber('TimeAffineWithLoss.backward', 'dout', dout)
    const { rows, buffers } = this.#cache
    const [dW, db] = this.grads
    const { unscaled, dxs } = buffers
    if (unscaled) {
      scale(this.#shared!.dW, dout, { out: dW })
      scale(db.copyFrom(this.#shared!.db), dout, { out: db })
      return scale(unscaled, dout, { out: dxs })
    }
    const { scores } = buffers.chunks[0]!
    matmul(rows, scores, { transA: true, out: dW })
    sum(scores, 0, { out: db })
    matmul(scores, this.params[0], { transB: true, out: dxs.reshape(rows.shape) })
    if (dout !== 1) for (const gradient of [dW, db, dxs] as Tensor[]) scale(gradient, dout, { out: gradient })
    return dxs
  }

  #pack(): Shared {
    const [W] = this.params
    this.#shared ??= makeShared(W)
    this.#shared.packed.pack(W)
    if (this.training) this.#shared.packedTransposed.pack(W, { transB: true })
    return this.#shared
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

/** The rows of each chunk of a block. */
export function chunkRanges(rows: number, H: number, V: number): [start: number, end: number][] {
  const chunkScores = Math.min(MOST_SCORES, Math.max(LEAST_SCORES, SCORES_TO_WEIGHTS * H * V))
  const count = Math.max(1, Math.min(rows, Math.round((rows * V) / chunkScores)))
  return Array.from({ length: count }, (_, i) => [
    Math.floor((i * rows) / count),
    Math.floor(((i + 1) * rows) / count),
  ])
}

function makeBuffers(N: number, T: number, H: number, V: number): Buffers {
  const ranges = chunkRanges(N * T, H, V)
  const longest = Math.ceil((N * T) / ranges.length)
  const scores = Tensor.fixed([longest, Math.ceil(V / CACHE_LINE) * CACHE_LINE]).slice(1, 0, V)
  const losses = fixedDoubles(longest)
  const xsAndOnes = Tensor.fixed([longest, H + 1])
  xsAndOnes.data.fill(1)
  return {
    targets: Tensor.fixed([N, T], 'int32'),
    dxs: Tensor.fixed([N, T, H]),
    unscaled: ranges.length > 1 ? Tensor.fixed([N, T, H]) : null,
    chunks: ranges.map(([start, end]) => {
      const length = end - start
      return {
        start,
        end,
        scores: scores.slice(0, 0, length),
        xsAndOnes: xsAndOnes.slice(0, 0, length),
        xsAlone: xsAndOnes.slice(0, 0, length).slice(1, 0, H),
        losses,
      }
    }),
  }
}
