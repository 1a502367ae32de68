/**
 * The recurrent language model: word vectors, one or several recurrent layers, and scores for the next word
 * ("Deep Learning from Scratch 2", ch. 5.5, 6.4 and 6.5).
 *
 *     xs [N, T] → TimeEmbedding [V, D] → (TimeRNN | TimeLSTM | TimeGRU, stateful) × layers [H] → TimeAffine [H, V] → loss
 *
 * With dropout, one TimeDropout stands behind the embedding and behind each recurrent layer (Zaremba et al. 2014). With
 * tied weights (Press and Wolf 2017; Inan et al. 2017) the affine layer's W is the transpose of the embedding's: one
 * tensor, one gradient.
 */
import { checkInteger, rangeError, typeError } from '../errors.ts'
import {
  type Batch3,
  type Layer,
  TimeAffine,
  TimeAffineWithLoss,
  TimeDropout,
  TimeEmbedding,
  TimeGRU,
  TimeLSTM,
  type TimeRecurrent,
  TimeRNN,
  TimeSoftmaxWithLoss,
  type TokenBatch,
} from '../layers/index.ts'
import { Random, Tensor } from '../tensor/index.ts'
import { checkDropoutRatio } from '../tensor/ops/dropout.ts'
import type { ModelState, TrainableLanguageModel } from './model.ts'

/** The recurrent layers, and how many columns of weights each has for one of its state. */
const CELLS = {
  rnn: { Layer: TimeRNN, gates: 1 },
  lstm: { Layer: TimeLSTM, gates: 4 },
  gru: { Layer: TimeGRU, gates: 3 },
} as const

export type Cell = keyof typeof CELLS

export interface LanguageModelOptions {
  /** V: how many different tokens there are. */
  vocabSize: number
  cell: Cell
  /** Recurrent layers, one above the other. */
  layers?: number
  /** D: the length of a word vector. */
  wordvecSize?: number
  /** H: the length of the hidden state. */
  hiddenSize?: number
  /** Chance of an element to be left out while training, in [0, 1). */
  dropout?: number
  /** Whether the embedding's weights are the affine layer's too; D and H must be equal. */
  tieWeights?: boolean
  /** Seed of the initial values and of dropout; the same seed gives the same numbers on every machine. */
  seed?: number | bigint
}

export class LanguageModel implements TrainableLanguageModel {
  readonly options: Readonly<Required<LanguageModelOptions>>
  readonly vocabSize: number
  readonly layers: Layer[]
  readonly lossLayer = new TimeSoftmaxWithLoss()
  readonly params: Tensor[]
  readonly grads: Tensor[]
  readonly rng: Random
  /** A class that computes otherwise says for itself whether it can be recorded. */
  readonly isRecordable: boolean =
    this.forward === LanguageModel.prototype.forward && this.backward === LanguageModel.prototype.backward
  readonly #embedding: TimeEmbedding
  /** The layers between embedding and affine, in order. */
  readonly #hidden: (TimeRecurrent | TimeDropout)[]
  readonly #recurrent: TimeRecurrent[]
  readonly #affine: TimeAffine
  /** The affine layer and the loss in one, as training runs them. */
  readonly #head: TimeAffineWithLoss

  /** Initial values: embedding N(0, 1)/100, other weights N(0, 1)/√(rows), biases 0. */
  constructor(options: LanguageModelOptions) {
    this.options = checkOptions(new.target.name, options)
    const { cell, layers, vocabSize: V, wordvecSize: D, hiddenSize: H, dropout, tieWeights } = this.options
    const rng = new Random(this.options.seed)
    this.rng = rng
    this.vocabSize = V
    const { Layer, gates } = CELLS[cell]
    const weights = (rows: number, columns: number) =>
      Tensor.randn([rows, columns], { rng, scale: 1 / Math.sqrt(rows) })
    this.#embedding = new TimeEmbedding(Tensor.randn([V, D], { rng, scale: 1 / 100 }))
    this.#recurrent = Array.from(
      { length: layers },
      (_, i) =>
        new Layer(weights(i === 0 ? D : H, gates * H), weights(H, gates * H), Tensor.zeros([gates * H]), {
          stateful: true,
        }),
    )
    this.#affine = tieWeights
      ? new TimeAffine(this.#embedding.params[0].transpose(), Tensor.zeros([V]), {
          dW: this.#embedding.grads[0].transpose(),
        })
      : new TimeAffine(weights(H, V), Tensor.zeros([V]))
    this.#head = new TimeAffineWithLoss(this.#affine, this.lossLayer)
    const drop = () => (dropout > 0 ? [new TimeDropout(dropout, { rng })] : [])
    this.#hidden = [...drop(), ...this.#recurrent.flatMap((layer) => [layer, ...drop()])]
    this.layers = [this.#embedding, ...this.#hidden, this.#affine]
    const own = (layer: Layer, tensors: readonly Tensor[]) =>
      layer === this.#affine && tieWeights ? tensors.slice(1) : tensors
    this.params = this.layers.flatMap((layer) => own(layer, layer.params))
    this.grads = this.layers.flatMap((layer) => own(layer, layer.grads))
  }

  get training(): boolean {
    return this.#head.training
  }

  set training(training: boolean) {
    this.#head.training = training
    for (const layer of this.#hidden) if (layer instanceof TimeDropout) layer.training = training
  }

  predict(xs: TokenBatch): Tensor<'float32', [N: number, T: number, V: number]> {
    return this.#affine.forward(this.#hiddenStates(xs))
  }

  forward(xs: TokenBatch, ts: TokenBatch): number {
    return this.#head.forward(this.#hiddenStates(xs), ts)
  }

  #hiddenStates(xs: TokenBatch): Batch3 {
    let out = this.#embedding.forward(xs)
    for (const layer of this.#hidden) out = layer.forward(out)
    return out
  }

  backward(dout = 1): void {
    let gradient = this.#head.backward(dout)
    for (let i = this.#hidden.length - 1; i >= 0; i--) gradient = this.#hidden[i]!.backward(gradient)
    this.#embedding.backward(gradient, { accumulate: this.options.tieWeights })
  }

  resetState(): void {
    for (const layer of this.#recurrent) layer.resetState()
  }

  saveState(): ModelState {
    return this.#recurrent.map((layer) => layer.saveState())
  }

  restoreState(state: ModelState): void {
    this.#recurrent.forEach((layer, i) => {
      layer.restoreState(state[i] ?? null)
    })
  }

  namedParams(): Map<string, Tensor> {
    const [W, b] = this.#affine.params
    return new Map<string, Tensor>([
      ['embedding.W', this.#embedding.params[0]],
      ...this.#recurrent.flatMap(({ params: [Wx, Wh, b] }, i): [string, Tensor][] => [
        [`recurrent.${i}.Wx`, Wx],
        [`recurrent.${i}.Wh`, Wh],
        [`recurrent.${i}.b`, b],
      ]),
      ...(this.options.tieWeights ? [] : ([['affine.W', W]] as const)),
      ['affine.b', b],
    ])
  }
}

function checkOptions(name: string, options: LanguageModelOptions): Required<LanguageModelOptions> {
  if (typeof options !== 'object' || options === null) throw typeError(name, 'options', 'an object', options)
  const { cell, layers = 1, wordvecSize = 100, hiddenSize = 100, dropout = 0, tieWeights = false } = options
  if (!Object.hasOwn(CELLS, cell)) throw rangeError(name, 'cell', "'rnn', 'lstm' or 'gru'", cell)
  if (typeof tieWeights !== 'boolean') throw typeError(name, 'tieWeights', 'true or false', tieWeights)
  checkInteger(name, 'vocabSize', options.vocabSize)
  checkInteger(name, 'layers', layers)
  checkInteger(name, 'wordvecSize', wordvecSize)
  checkInteger(name, 'hiddenSize', hiddenSize)
  checkDropoutRatio(name, 'dropout', dropout)
  if (tieWeights && wordvecSize !== hiddenSize) {
    throw rangeError(name, 'hiddenSize', `${wordvecSize}, as wordvecSize, since weights are tied`, hiddenSize)
  }
  const { vocabSize, seed = 0 } = options
  return { vocabSize, cell, layers, wordvecSize, hiddenSize, dropout, tieWeights, seed }
}
