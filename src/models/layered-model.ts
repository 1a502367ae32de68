/**
 * The base class of language models: word vectors, hidden layers, and a head that scores the next word.
 *
 *     xs [N, T] → TimeEmbedding [V, D] → hidden layers [H] → LossHead [H, V] → loss
 */
import { stateError } from '../errors.ts'
import {
  type Batch3,
  type Layer,
  type LossHead,
  type StatefulLayer,
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
  readonly lossHead: LossHead
  /** The book's layers: the embedding, the hidden layers, and the layer that makes the scores. */
  readonly layers: Layer[]
  /**
   * The book's loss layer: `lossLayer.forward(model.predict(xs), ts)` equals `forward(xs, ts)` up to rounding. The model
   * itself computes scores and loss in one, in `lossHead`.
   */
  readonly lossLayer = new TimeSoftmaxWithLoss()
  readonly params: Tensor[]
  readonly grads: Tensor[]
  readonly rng: Random
  declare readonly isRecordable?: boolean
  readonly #history: TokenHistory | undefined
  readonly #embedding: TimeEmbedding
  readonly #hidden: ModelLayers['hidden']
  /** Whether the layers hold the values of the last `forward` that `backward` needs. */
  #isForward = false
  readonly #reader: Reader
  readonly #stateful: readonly StatefulLayer[]

  protected constructor(layers: ModelLayers, rng: Random) {
    const { history, embedding, hidden, head } = layers
    this.rng = rng
    this.vocabSize = head.vocabSize
    this.#history = history
    this.#embedding = embedding
    this.#hidden = hidden
    this.lossHead = head
    this.#reader = new Reader(layers)
    this.#stateful = [...(history ? [history] : []), ...hidden.filter(isRecurrent)]
    this.layers = [embedding, ...hidden, head.scores]
    const learned = [embedding, ...hidden, head]
    this.params = learned.flatMap((layer) => layer.params)
    this.grads = learned.flatMap((layer) => layer.grads)
  }

  get parts(): readonly object[] {
    return [...(this.#history ? [this.#history] : []), ...this.layers, this.lossHead]
  }

  get training(): boolean {
    return this.lossHead.training
  }

  set training(training: boolean) {
    this.lossHead.training = training
    for (const layer of this.#hidden) if (layer.training !== undefined) layer.training = training
  }

  predict(xs: TokenBatch): Tensor<'float32', [N: number, T: number, V: number]> {
    this.#isForward = false
    const { training } = this
    this.training = false
    try {
      return this.lossHead.scores.forward(this.#hiddenStates(xs))
    } finally {
      this.training = training
    }
  }

  forward(xs: TokenBatch, ts: TokenBatch): number {
    this.#isForward = false
    const loss = this.lossHead.forward(this.#hiddenStates(xs), ts)
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
    let gradient = this.lossHead.backward(dout)
    for (let i = this.#hidden.length - 1; i >= 0; i--) gradient = this.#hidden[i]!.backward(gradient)
    this.#embedding.backward(gradient, { accumulate: this.lossHead.isTied })
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
    return new Map<string, Tensor>([
      ['embedding.W', this.#embedding.params[0]],
      ...this.namedHiddenParams(),
      ...this.lossHead.namedParams(),
    ])
  }

  /** The parameters of the hidden layers by name, in order. */
  protected abstract namedHiddenParams(): [name: string, param: Tensor][]
}
