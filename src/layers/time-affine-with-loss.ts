/**
 * The head of a language model: TimeAffine, softmax and cross-entropy in one, equal to TimeAffine followed by
 * TimeSoftmaxWithLoss up to rounding, in chunks of rows. With V = 10,000 and N·T = 700 the scores alone would be 28 MB
 * and their gradient as much again; a chunk is about 4 MB and stays in the cache while it is made, turned into
 * its gradient in place, and used:
 *
 *     s = xs·W + b,   ds = (softmax(s) − one-hot(ts)) / C,   dW = xsᵀ·ds,   db = Σ ds,   dxs = ds·Wᵀ
 *
 * Gradients are therefore computed in forward (for dout = 1) and kept apart; backward hands them on. With `training`
 * off, forward gives the loss alone.
 */
import { checkNumber, stateError } from '../errors.ts'
import {
  axpy,
  countTargets,
  crossEntropy,
  crossEntropyWithGradient,
  matmul,
  matmulPacked,
  PackedMatrix,
  scale,
  sum,
  Tensor,
} from '../tensor/index.ts'
import {
  type Batch3,
  type Bias,
  checkInput,
  contiguous,
  type Layer,
  type TokenBatch,
  type Weights,
  zerosLike,
} from './layer.ts'
import type { TimeAffine } from './time-affine.ts'
import type { TimeSoftmaxWithLoss } from './time-softmax-with-loss.ts'
import { Workspace } from './workspace.ts'

/** Scores of a chunk, about 4 MB. */
const CHUNK_SCORES = 1024 * 1024

interface Chunk {
  start: number
  end: number
  scores: Weights
  /** One for each row. */
  losses: Float64Array
}

interface Buffers {
  targets: TokenBatch
  chunks: Chunk[]
  /** The gradient of xs for dout = 1, and what backward gives. */
  unscaled: Batch3
  dxs: Batch3
}

export class TimeAffineWithLoss implements Layer {
  readonly params: [W: Weights, b: Bias]
  readonly grads: [dW: Weights, db: Bias]
  training = true
  readonly #loss: TimeSoftmaxWithLoss
  readonly #workspace: Workspace<Buffers>
  /** The gradients for dout = 1. */
  readonly #unscaled: [dW: Weights, db: Bias]
  readonly #chunkBias: Bias
  readonly #packed: PackedMatrix
  readonly #packedTransposed: PackedMatrix
  #cache?: Buffers | undefined

  /** Shares the parameters and gradients of `affine`, and leaves the result in `loss`. */
  constructor(affine: TimeAffine, loss: TimeSoftmaxWithLoss) {
    const [W, b] = affine.params
    const [H, V] = W.shape
    this.params = affine.params
    this.grads = affine.grads
    this.#loss = loss
    this.#unscaled = [zerosLike(W), zerosLike(b)]
    this.#chunkBias = zerosLike(b)
    this.#packed = new PackedMatrix(H, V)
    this.#packedTransposed = new PackedMatrix(V, H)
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
    const dxRows = buffers.unscaled.reshape([N * T, H])
    const [dW, db] = this.#unscaled
    this.#cache = undefined
    const isOneChunk = buffers.chunks.length === 1
    if (!isOneChunk) this.#packed.pack(W)
    if (!isOneChunk && this.training) this.#packedTransposed.pack(W, { transB: true })
    countTargets(name, buffers.targets, W.shape[1], ignoreLabel, result)
    for (const [i, { start, end, scores, losses }] of buffers.chunks.entries()) {
      const x = rows.slice(0, start, end)
      const t = targets.slice(0, start, end)
      if (isOneChunk) matmul(x, W, { out: scores, bias: b })
      else matmulPacked(x, this.#packed, { out: scores, bias: b })
      if (!this.training) {
        crossEntropy(name, scores, t, ignoreLabel, losses, result)
        continue
      }
      crossEntropyWithGradient(name, scores, t, ignoreLabel, losses, result, scores)
      matmul(x, scores, { transA: true, out: dW, accumulate: i > 0 })
      sum(scores, 0, { out: i > 0 ? this.#chunkBias : db })
      if (i > 0) axpy(1, this.#chunkBias, db)
      const dx = dxRows.slice(0, start, end)
      if (isOneChunk) matmul(scores, W, { transB: true, out: dx })
      else matmulPacked(scores, this.#packedTransposed, { out: dx })
    }
    if (this.training) this.#cache = buffers
    return this.#loss.loss
  }

  /** @param dout the gradient of the loss  @returns dxs [N, T, H], a buffer that the next backward of this shape writes again */
  backward(dout = 1): Batch3 {
    if (!this.#cache) throw stateError('TimeAffineWithLoss.backward', 'call forward first, with training on')
    checkNumber('TimeAffineWithLoss.backward', 'dout', dout)
    const [dW, db] = this.#unscaled
    scale(dW, dout, { out: this.grads[0] })
    scale(db, dout, { out: this.grads[1] })
    return scale(this.#cache.unscaled, dout, { out: this.#cache.dxs })
  }
}

function makeBuffers(N: number, T: number, H: number, V: number): Buffers {
  const rows = N * T
  const count = Math.max(1, Math.min(rows, Math.round((rows * V) / CHUNK_SCORES)))
  const longest = Math.ceil(rows / count)
  const scores = Tensor.zeros([longest, V])
  const losses = new Float64Array(longest)
  return {
    targets: Tensor.zeros([N, T], 'int32'),
    unscaled: Tensor.zeros([N, T, H]),
    dxs: Tensor.zeros([N, T, H]),
    chunks: Array.from({ length: count }, (_, i) => {
      const start = Math.floor((i * rows) / count)
      const end = Math.floor(((i + 1) * rows) / count)
      return {
        start,
        end,
        scores: scores.slice(0, 0, end - start),
        losses,
      }
    }),
  }
}
