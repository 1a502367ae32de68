/** The end of a language model, from hidden states to the loss: what models, training and evaluation ask of it. */
import type { SummedLoss, Tensor } from '../tensor/index.ts'
import type { Batch2, Batch3, FeedForwardLayer, Layer, TokenBatch } from './layer.ts'
import type { WeightFormat } from './right-operand.ts'

/** A target that does not count. */
export const IGNORED = -1

export type LogProbs = Tensor<'float32', [N: number, V: number]>

export interface TargetLosses {
  /** −log P of each target in nats, row by row; 0 if the target is `IGNORED`. */
  losses: Float64Array
  /** Their sum. */
  loss: number
  /** How many targets counted. */
  counted: number
}

/** A head as functions of hidden states. They do not change what `forward` has left for `backward`. */
export interface ReadableHead {
  readonly vocabSize: number
  /** Log probabilities of the next token: h [N, H] gives [N, V], in `out` or in a new tensor. */
  logProbs(h: Batch2, out?: LogProbs): LogProbs
  /** @param hs [N, T, H]  @param ts int32 [N, T], ids 0 … V − 1 or `IGNORED` */
  losses(hs: Batch3, ts: TokenBatch): TargetLosses
}

/** A copy of the weights of a head, packed for reading. */
export interface FrozenHead extends ReadableHead {
  /** The size of the weights. */
  readonly byteLength: number
  /** Takes over the weights of a head of the same class and sizes. */
  update(head: LossHead): void
}

export interface LossHead extends Layer, ReadableHead {
  /** Off while a text is only scored: forward then leaves no gradients. */
  training: boolean
  /** Of the last forward, in nats. */
  readonly loss: SummedLoss
  /** The layer from hidden states [N, T, H] to scores [N, T, V] (before softmax). */
  readonly scores: FeedForwardLayer
  /** Whether the head has no weights of its own but those of the embedding, and `backward` writes to their gradient. */
  readonly isTied: boolean
  /** @returns the mean loss in nats over the targets that count; NaN if none does */
  forward(hs: Batch3, ts: TokenBatch): number
  /** @param dout the gradient of the loss  @returns dhs [N, T, H]; writes the gradients of the weights to `grads` */
  backward(dout?: number): Batch3
  /** The parameters by name: `affine.W`, … */
  namedParams(): [name: string, param: Tensor][]
  freeze(format: WeightFormat): FrozenHead
}
