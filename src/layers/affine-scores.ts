/**
 * The head of a model while it only reads: log probabilities of the next token, or the cross-entropy of given ones, from
 *
 *     s = hs·W + b,    log P(v) = s_v − log Σ exp(s),    loss = −log P(ts)        hs [N, T, H], W [H, V]
 *
 * It has buffers of its own, so a training that uses the same weights is not disturbed. The scores of a block are made in
 * chunks of rows, as in TimeAffineWithLoss. Memory: a chunk of scores, and W packed if there are several chunks.
 */
import {
  type CompactMatrix,
  contiguous,
  countTargets,
  crossEntropy,
  logSoftmax,
  PackedMatrix,
  Tensor,
} from '../tensor/index.ts'
import { type Batch2, type Batch3, type Bias, checkInput, type TokenBatch, type Weights } from './layer.ts'
import { freezeWeights, multiply, type RightOperand, type WeightFormat } from './right-operand.ts'
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

type LogProbs = Tensor<'float32', [N: number, V: number]>

interface Chunk {
  start: number
  end: number
  scores: Weights
}

interface AffineOperands {
  W: RightOperand
  b: Bias
}

export abstract class Scores {
  readonly #V: number
  readonly #chunks: Workspace<Chunk[]>

  protected constructor(H: number, V: number) {
    this.#V = V
    this.#chunks = new Workspace((N, T) => {
      const ranges = chunkRanges(N * T, H, V)
      const scores: Weights = Tensor.fixed([Math.max(...ranges.map(([start, end]) => end - start)), V])
      return ranges.map(([start, end]) => ({ start, end, scores: scores.slice(0, 0, end - start) }))
    })
  }

  get vocabSize(): number {
    return this.#V
  }

  /** The weights for this many products. */
  protected abstract operands(products: number): AffineOperands

  /** @param h [N, H]  @param out [N, V]; a new tensor if missing */
  logProbs(h: Batch2, out: LogProbs = Tensor.zeros([h.shape[0], this.#V])): LogProbs {
    const { W, b } = this.operands(1)
    multiply(h, W, { out, bias: b })
    return logSoftmax(out, { out })
  }

  /** @param hs [N, T, H]  @param ts int32 [N, T], ids 0 … V − 1 or `ignored` */
  losses(hs: Batch3, ts: TokenBatch, ignored: number): TargetLosses {
    const [N, T, H] = hs.shape
    checkInput('score', 'ts', ts, 'int32', [
      ['N', N],
      ['T', T],
    ])
    const rows = contiguous(hs).reshape([N * T, H])
    const targets = contiguous(ts).reshape([N * T])
    const losses = new Float64Array(N * T)
    const result = new Float64Array(2)
    countTargets('score', targets, this.#V, ignored, result)
    const chunks = this.#chunks.for(N, T)
    const { W, b } = this.operands(chunks.length)
    for (const { start, end, scores } of chunks) {
      const x = rows.slice(0, start, end)
      multiply(x, W, { out: scores, bias: b })
      crossEntropy(
        'score',
        scores,
        targets.slice(0, start, end),
        ignored,
        losses.subarray(start, end),
        result,
      )
    }
    return { losses, loss: result[0]!, counted: result[1]! }
  }
}

/** The scores of an affine layer, whose parameters may change from call to call. */
export class AffineScores extends Scores {
  readonly #W: Weights
  readonly #b: Bias
  #packed?: PackedMatrix

  constructor(affine: TimeAffine) {
    const [W, b] = affine.params
    super(W.shape[0], W.shape[1])
    this.#W = W
    this.#b = b
  }

  protected operands(products: number): AffineOperands {
    if (products === 1) return { W: this.#W, b: this.#b }
    this.#packed ??= new PackedMatrix(...this.#W.shape)
    return { W: this.#packed.pack(this.#W), b: this.#b }
  }
}

/** The scores of a packed copy of W [H, V] and b [V]. */
export class FrozenScores extends Scores {
  readonly #W: PackedMatrix | CompactMatrix
  readonly #b: Bias

  constructor([W, b]: readonly [W: Tensor, b: Tensor], format: WeightFormat) {
    super(W.shape[0]!, W.shape[1]!)
    this.#W = freezeWeights(W as Weights, format)
    this.#b = (b as Bias).clone()
  }

  get byteLength(): number {
    return this.#W.byteLength
  }

  update([W, b]: readonly [W: Tensor, b: Tensor]): void {
    this.#W.pack(W)
    this.#b.copyFrom(b as Bias)
  }

  protected operands(): AffineOperands {
    return { W: this.#W, b: this.#b }
  }
}
