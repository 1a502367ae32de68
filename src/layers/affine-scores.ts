/**
 * The head of a model while it only reads: log probabilities of the next token, or the cross-entropy of given ones, from
 *
 *     s = hs·W + b,    log P(v) = s_v − log Σ exp(s),    loss = −log P(ts)        hs [N, T, H], W [H, V]
 *
 * It has buffers of its own, so a training that uses the same weights is not disturbed. The scores of a block are made in
 * chunks of rows, as in TimeAffineWithLoss. Memory: a chunk of scores, and W packed if there are several chunks.
 */
import {
  countTargets,
  crossEntropy,
  logSoftmax,
  matmul,
  matmulPacked,
  PackedMatrix,
  Tensor,
} from '../tensor/index.ts'
import {
  type Batch2,
  type Batch3,
  type Bias,
  checkInput,
  contiguous,
  type TokenBatch,
  type Weights,
} from './layer.ts'
import type { TimeAffine } from './time-affine.ts'
import { chunkRanges } from './time-affine-with-loss.ts'
import { Workspace } from './workspace.ts'

export interface TargetLosses {
  /** −log P of each target in nats, row by row; 0 where the target is ignored. */
  losses: Float64Array
  /** Their sum. */
  loss: number
  /** How many targets counted. */
  counted: number
}

interface Chunk {
  start: number
  end: number
  scores: Weights
}

export class AffineScores {
  readonly #W: Weights
  readonly #b: Bias
  readonly #chunks: Workspace<Chunk[]>
  #packed?: PackedMatrix

  /** Shares the parameters of `affine`. */
  constructor(affine: TimeAffine) {
    const [W, b] = affine.params
    this.#W = W
    this.#b = b
    const [H, V] = W.shape
    this.#chunks = new Workspace((N, T) => {
      const ranges = chunkRanges(N * T, H, V)
      const scores: Weights = Tensor.fixed([Math.max(...ranges.map(([start, end]) => end - start)), V])
      return ranges.map(([start, end]) => ({ start, end, scores: scores.slice(0, 0, end - start) }))
    })
  }

  /** @param h [N, H]  @returns [N, V], a new tensor */
  logProbs(h: Batch2): Tensor<'float32', [N: number, V: number]> {
    checkInput('AffineScores.logProbs', 'h', h, 'float32', [
      ['N', null],
      ['H', this.#W.shape[0]],
    ])
    const scores = matmul(h, this.#W, { bias: this.#b })
    return logSoftmax(scores, { out: scores })
  }

  /** @param hs [N, T, H]  @param ts int32 [N, T], ids 0 … V − 1 or `ignored` */
  losses(hs: Batch3, ts: TokenBatch, ignored: number): TargetLosses {
    const name = 'AffineScores.losses'
    const [H, V] = this.#W.shape
    checkInput(name, 'hs', hs, 'float32', [
      ['N', null],
      ['T', null],
      ['H', H],
    ])
    const [N, T] = hs.shape
    checkInput(name, 'ts', ts, 'int32', [
      ['N', N],
      ['T', T],
    ])
    const rows = contiguous(hs).reshape([N * T, H])
    const targets = contiguous(ts).reshape([N * T])
    const losses = new Float64Array(N * T)
    const result = new Float64Array(2)
    countTargets(name, targets, V, ignored, result)
    const chunks = this.#chunks.for(N, T)
    const packed = chunks.length > 1 ? this.#pack() : null
    for (const { start, end, scores } of chunks) {
      const x = rows.slice(0, start, end)
      if (packed) matmulPacked(x, packed, { out: scores, bias: this.#b })
      else matmul(x, this.#W, { out: scores, bias: this.#b })
      crossEntropy(name, scores, targets.slice(0, start, end), ignored, losses.subarray(start, end), result)
    }
    return { losses, loss: result[0]!, counted: result[1]! }
  }

  #pack(): PackedMatrix {
    this.#packed ??= new PackedMatrix(...this.#W.shape)
    return this.#packed.pack(this.#W)
  }
}
