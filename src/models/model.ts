/** What the trainer and the evaluation ask of a language model. */
import type { Layer, LayerState, TimeSoftmaxWithLoss, TokenBatch } from '../layers/index.ts'
import type { Random, Tensor } from '../tensor/index.ts'

/** The states of a model's layers, copied; null for a layer without one yet. */
export type ModelState = (LayerState | null)[]

export interface TrainableLanguageModel {
  readonly vocabSize: number
  readonly params: Tensor[]
  readonly grads: Tensor[]
  readonly layers: Layer[]
  readonly lossLayer: TimeSoftmaxWithLoss
  /** Draws what is random in training (dropout); its position belongs to the state of a training run. */
  readonly rng?: Random
  /** Whether all layers compute by operations on tensors alone, so that a step can be recorded and run natively. */
  readonly isRecordable?: boolean
  /** Off while a text is only scored: forward then leaves no gradients and drops nothing out. On at first. */
  training?: boolean
  /** @returns the mean cross-entropy in nats of the targets ts given the tokens xs, both int32 [N, T] */
  forward(xs: TokenBatch, ts: TokenBatch): number
  /** @returns scores [N, T, V] (before softmax) of the token after each token of xs, int32 [N, T] */
  predict(xs: TokenBatch): Tensor<'float32', [N: number, T: number, V: number]>
  /** Writes the gradients of the last forward to `grads`. */
  backward(dout?: number): void
  /** Forgets what was read, or what some rows of the batch have read: they start from zero states in the next forward. */
  resetState(rows?: readonly number[]): void
  saveState(): ModelState
  restoreState(state: ModelState): void
  /** Parameters by name: `embedding.W`, `recurrent.0.Wx`, … */
  namedParams(): Map<string, Tensor>
}
