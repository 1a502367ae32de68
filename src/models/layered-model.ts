/**
 * The base class of language models: word vectors, hidden layers, and scores of the next word.
 *
 *     xs [N, T] → TimeEmbedding [V, D] → hidden layers [H] → TimeAffine [H, V] → loss
 *
 * Training and evaluation fuse the affine layer and the loss (TimeAffineWithLoss). With weight tying, W and dW of the
 * affine layer are the transposes of those of the embedding: one tensor with one gradient.
 */
import { stateError } from '../errors.ts'
import {
  AffineScores,
  type Batch3,
  type Layer,
  type StatefulLayer,
  type TimeAffine,
  TimeAffineWithLoss,
  type TimeEmbedding,
  TimeSoftmaxWithLoss,
  type TokenBatch,
  type TokenHistory,
} from '../layers/index.ts'
import type { Random, Tensor } from '../tensor/index.ts'
import type { BlockScore, ModelState, Step, TrainableLanguageModel } from './model.ts'
import { isRecurrent, type ModelLayers } from './model-layers.ts'
import { Reader } from './reader.ts'
import type { State } from './state.ts'

export abstract class LayeredModel implements TrainableLanguageModel {
  readonly vocabSize: number
  readonly layers: Layer[]
  readonly lossLayer = new TimeSoftmaxWithLoss()
  readonly params: Tensor[]
  readonly grads: Tensor[]
  readonly rng: Random
  declare readonly isRecordable?: boolean
  readonly #history: TokenHistory | undefined
  readonly #embedding: TimeEmbedding
  readonly #hidden: ModelLayers['hidden']
  readonly #affine: TimeAffine
  readonly #isTied: boolean
  /** Whether the layers hold the values of the last `forward` that `backward` needs. */
  #isForward = false
  /** The fused affine layer and loss. */
  readonly #head: TimeAffineWithLoss
  readonly #reader: Reader
  readonly #stateful: readonly StatefulLayer[]

  protected constructor(layers: ModelLayers, rng: Random) {
    const { history, embedding, hidden, affine } = layers
    this.rng = rng
    this.vocabSize = affine.params[0].shape[1]
    this.#history = history
    this.#embedding = embedding
    this.#hidden = hidden
    this.#affine = affine
    this.#isTied = affine.grads[0].data === embedding.grads[0].data
    this.#head = new TimeAffineWithLoss(affine, this.lossLayer)
    this.#reader = new Reader({ history, embedding, hidden, scores: new AffineScores(affine) })
    this.#stateful = [...(history ? [history] : []), ...hidden.filter(isRecurrent)]
    this.layers = [embedding, ...hidden, affine]
    const own = (layer: Layer, tensors: readonly Tensor[]) =>
      layer === affine && this.#isTied ? tensors.slice(1) : tensors
    this.params = this.layers.flatMap((layer) => own(layer, layer.params))
    this.grads = this.layers.flatMap((layer) => own(layer, layer.grads))
  }

  get parts(): readonly object[] {
    return [...(this.#history ? [this.#history] : []), ...this.layers, this.lossLayer, this.#head]
  }

  get training(): boolean {
    return this.#head.training
  }

  set training(training: boolean) {
    this.#head.training = training
    for (const layer of this.#hidden) if (layer.training !== undefined) layer.training = training
  }

  predict(xs: TokenBatch): Tensor<'float32', [N: number, T: number, V: number]> {
    this.#isForward = false
    const { training } = this
    this.training = false
    try {
      return this.#affine.forward(this.#hiddenStates(xs))
    } finally {
      this.training = training
    }
  }

  forward(xs: TokenBatch, ts: TokenBatch): number {
    this.#isForward = false
    const loss = this.#head.forward(this.#hiddenStates(xs), ts)
    this.#isForward = this.training
    return loss
  }

  #hiddenStates(xs: TokenBatch): Batch3 {
    let out = this.#embedding.forward(this.#history ? this.#history.forward(xs) : xs)
    for (const layer of this.#hidden) out = layer.forward(out)
    return out
  }

  backward(dout = 1): void {
    if (!this.#isForward)
      throw stateError(
        `${this.constructor.name}.backward`,
        this.training
          ? 'call forward first, with training on (predict does not count)'
          : 'training is off, as for a model that was loaded: set model.training = true, then call forward again',
      )
    let gradient = this.#head.backward(dout)
    for (let i = this.#hidden.length - 1; i >= 0; i--) gradient = this.#hidden[i]!.backward(gradient)
    this.#embedding.backward(gradient, { accumulate: this.#isTied })
  }

  initialState(N = 1): State {
    return this.#reader.initialState(N)
  }

  step(ids: Int32Array, state: State, options: { out?: Step } = {}): Step {
    return this.#reader.step(ids, state, options)
  }

  read(xs: TokenBatch, state: State): State {
    return this.#reader.read(xs, state)
  }

  score(xs: TokenBatch, ts: TokenBatch, state: State): BlockScore {
    return this.#reader.score(xs, ts, state)
  }

  resetState(rows?: readonly number[]): void {
    for (const layer of this.#stateful) layer.resetState(rows)
  }

  saveState(): ModelState {
    return this.#stateful.map((layer) => layer.saveState())
  }

  restoreState(state: ModelState): void {
    this.#stateful.forEach((layer, i) => {
      layer.restoreState(state[i] ?? null)
    })
  }

  namedParams(): Map<string, Tensor> {
    const [W, b] = this.#affine.params
    return new Map<string, Tensor>([
      ['embedding.W', this.#embedding.params[0]],
      ...this.namedHiddenParams(),
      ...(this.#isTied ? [] : ([['affine.W', W]] as const)),
      ['affine.b', b],
    ])
  }

  /** The parameters of the hidden layers by name, in order. */
  protected abstract namedHiddenParams(): [name: string, param: Tensor][]
}
