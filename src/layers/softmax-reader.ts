/**
 * Reads with an affine layer and softmax: log probabilities of the next token, or the cross-entropy of given ones, from
 *
 *     s = hs·W + b,    log P(v) = s_v − log Σ exp(s),    loss = −log P(ts)        hs [N, T, H], W [H, V]
 *
 * Its buffers are its own, so a training that uses the same weights is not disturbed. Memory: a chunk of scores.
 */
import { contiguous, countTargets, crossEntropy, logSoftmax, Scalar, Tensor } from '../tensor/index.ts'
import { type Batch2, type Batch3, type Bias, checkInput, type TokenBatch, type Weights } from './layer.ts'
import { IGNORED, type LogProbs, type ReadableHead, type TargetLosses } from './loss-head.ts'
import { multiply, type RightOperand } from './right-operand.ts'
import { chunkRanges } from './score-chunks.ts'
import { Workspace } from './workspace.ts'

interface Chunk {
  start: number
  end: number
  scores: Weights
}

export interface AffineOperands {
  W: RightOperand
  b: Bias
}

export class SoftmaxReader implements ReadableHead {
  readonly vocabSize: number
  readonly #operands: (products: number) => AffineOperands
  readonly #chunks: Workspace<Chunk[]>
  readonly #loss = { sum: new Scalar(), counted: new Scalar() }

  /** @param operands the weights, in the form that suits this many products */
  constructor(H: number, V: number, operands: (products: number) => AffineOperands) {
    this.vocabSize = V
    this.#operands = operands
    this.#chunks = new Workspace((N, T) => {
      const ranges = chunkRanges(N * T, H, V)
      const scores: Weights = Tensor.fixed([Math.max(...ranges.map(([start, end]) => end - start)), V])
      return ranges.map(([start, end]) => ({ start, end, scores: scores.slice(0, 0, end - start) }))
    })
  }

  logProbs(h: Batch2, out: LogProbs = Tensor.zeros([h.shape[0], this.vocabSize])): LogProbs {
    const { W, b } = this.#operands(1)
    multiply(h, W, { out, bias: b })
    return logSoftmax(out, { out })
  }

  losses(hs: Batch3, ts: TokenBatch): TargetLosses {
    const [N, T, H] = hs.shape
    checkInput('score', 'ts', ts, 'int32', [
      ['N', N],
      ['T', T],
    ])
    const rows = contiguous(hs).reshape([N * T, H])
    const targets = contiguous(ts).reshape([N * T])
    const losses = new Float64Array(N * T)
    countTargets('score', targets, this.vocabSize, IGNORED, this.#loss)
    const chunks = this.#chunks.for(N, T)
    const { W, b } = this.#operands(chunks.length)
    for (const { start, end, scores } of chunks) {
      multiply(rows.slice(0, start, end), W, { out: scores, bias: b })
      const ofChunk = losses.subarray(start, end)
      crossEntropy('score', scores, targets.slice(0, start, end), IGNORED, ofChunk, this.#loss)
    }
    return { losses, loss: this.#loss.sum.value, counted: this.#loss.counted.value }
  }
}
