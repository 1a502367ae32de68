/** What readers and the trainer ask of a language model. */
import { typeError } from '../errors.ts'
import type { LayerState, LossHead, TargetLosses, TokenBatch } from '../layers/index.ts'
import type { Random, Tensor } from '../tensor/index.ts'
import type { State } from './state.ts'

/**
 * What evaluation, scoring and generation ask of a language model: functions of tokens and a state, of which the model keeps
 * nothing. A model in training answers between two steps.
 */
export interface ReadableModel {
  readonly vocabSize: number
  /** The state at the beginning of N texts; 1. */
  initialState(N?: number): State
  /**
   * Reads one token of each stream.
   * @param ids Int32Array [N], 0 … V − 1
   * @param options `out`: the result of an earlier step with as many rows, which is overwritten and returned; not the one that
   * `state` is part of. Its state must not be needed any more
   * @returns the log probabilities [N, V] of the next token, in nats, and the state after the token
   */
  step(ids: Int32Array, state: State, options?: { out?: Step }): Step
  /** Reads T tokens of each stream, xs int32 [N, T]. */
  read(xs: TokenBatch, state: State): State
  /** The same, and scores the targets ts, int32 [N, T]; those that are `IGNORED` do not count. */
  score(xs: TokenBatch, ts: TokenBatch, state: State): BlockScore
}

/** Returns `model` if it is one that can be read. */
export function checkReadableModel(operation: string, model: unknown): ReadableModel {
  if (typeof (model as ReadableModel | null | undefined)?.initialState !== 'function')
    throw typeError(operation, 'model', 'a language model', model)
  return model as ReadableModel
}

export interface Step {
  /** Natural logarithms of the probabilities of the next token. */
  logProbs: Tensor<'float32', [N: number, V: number]>
  state: State
}

export interface BlockScore extends TargetLosses {
  state: State
}

/** The states of a model's layers, copied; null for a layer without one yet. */
export type ModelState = (LayerState | null)[]

export interface TrainableLanguageModel extends ReadableModel {
  readonly params: Tensor[]
  readonly grads: Tensor[]
  /** The end of the model, from hidden states to the loss. Training reads the loss of the last forward from it. */
  readonly lossHead: Pick<LossHead, 'loss'>
  /** Draws what is random in training (dropout); its position belongs to the state of a training run. */
  readonly rng?: Random
  /** The layers and other objects that compute a step. A step that replaces a method of one of them is not recorded. */
  readonly parts?: readonly object[]
  /**
   * Whether training steps are recorded and run natively, without calling the model's methods. Default: unless a method
   * of the model or its parts was overridden. Set it to false for a model that computes in JavaScript.
   */
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
