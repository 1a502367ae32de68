import type { CompactMatrix, PackedMatrix } from '../tensor/index.ts'
import type { Batch2, Batch3, Bias, TokenBatch, Weights } from './layer.ts'
import type { FrozenHead, LogProbs, LossHead, TargetLosses } from './loss-head.ts'
import { freezeWeights, type WeightFormat } from './right-operand.ts'
import { SoftmaxReader } from './softmax-reader.ts'

/** A copy of the weights of a SoftmaxHead or TiedSoftmaxHead, packed for reading. */
export class FrozenSoftmaxHead implements FrozenHead {
  readonly #W: PackedMatrix | CompactMatrix
  readonly #b: Bias
  readonly #reader: SoftmaxReader

  constructor(head: LossHead, format: WeightFormat) {
    const [W, b] = affineParams(head)
    this.#W = freezeWeights(W, format)
    this.#b = b.clone()
    const operands = { W: this.#W, b: this.#b }
    this.#reader = new SoftmaxReader(...W.shape, () => operands)
  }

  get vocabSize(): number {
    return this.#reader.vocabSize
  }

  get byteLength(): number {
    return this.#W.byteLength
  }

  update(head: LossHead): void {
    const [W, b] = affineParams(head)
    this.#W.pack(W)
    this.#b.copyFrom(b)
  }

  logProbs(h: Batch2, out?: LogProbs): LogProbs {
    return this.#reader.logProbs(h, out)
  }

  losses(hs: Batch3, ts: TokenBatch): TargetLosses {
    return this.#reader.losses(hs, ts)
  }
}

function affineParams({ scores }: LossHead): [W: Weights, b: Bias] {
  return scores.params as [W: Weights, b: Bias]
}
