/**
 * SimpleRnnlm ("Deep Learning from Scratch 2", ch. 5.5): a language model of one plain recurrent layer.
 *
 *     xs [N, T] → TimeEmbedding [V, D] → TimeRNN (stateful) [D, H], [H, H] → TimeAffine [H, V] → TimeSoftmaxWithLoss
 */
import { checkInteger } from '../errors.ts'
import {
  TimeAffine,
  TimeAffineWithLoss,
  TimeEmbedding,
  TimeRNN,
  TimeSoftmaxWithLoss,
  type TokenBatch,
} from '../layers/index.ts'
import { Random, Tensor } from '../tensor/index.ts'
import type { LanguageModel, ModelState } from './model.ts'

export class SimpleRnnlm implements LanguageModel {
  readonly vocabSize: number
  readonly layers: [TimeEmbedding, TimeRNN, TimeAffine]
  /** A class that extends this one may compute anything; it says for itself. */
  readonly isRecordable: boolean = this.constructor === SimpleRnnlm
  readonly lossLayer = new TimeSoftmaxWithLoss()
  /** The last layer and the loss in one, as training runs them. */
  readonly #head: TimeAffineWithLoss
  readonly params: Tensor[]
  readonly grads: Tensor[]

  /**
   * Initial values: embedding N(0, 1)/100, other weights N(0, 1)/√(rows), biases 0.
   * @param vocabSize V  @param wordvecSize D  @param hiddenSize H
   * @param options `seed` of the initial values; the same seed gives the same numbers on every machine
   */
  constructor(
    vocabSize: number,
    wordvecSize: number,
    hiddenSize: number,
    options: { seed?: number | bigint } = {},
  ) {
    const V = checkInteger('SimpleRnnlm', 'vocabSize', vocabSize)
    const D = checkInteger('SimpleRnnlm', 'wordvecSize', wordvecSize)
    const H = checkInteger('SimpleRnnlm', 'hiddenSize', hiddenSize)
    const rng = new Random(options.seed)
    this.vocabSize = V
    this.layers = [
      new TimeEmbedding(Tensor.randn([V, D], { rng, scale: 1 / 100 })),
      new TimeRNN(
        Tensor.randn([D, H], { rng, scale: 1 / Math.sqrt(D) }),
        Tensor.randn([H, H], { rng, scale: 1 / Math.sqrt(H) }),
        Tensor.zeros([H]),
        { stateful: true },
      ),
      new TimeAffine(Tensor.randn([H, V], { rng, scale: 1 / Math.sqrt(H) }), Tensor.zeros([V])),
    ]
    this.#head = new TimeAffineWithLoss(this.layers[2], this.lossLayer)
    this.params = this.layers.flatMap((layer) => layer.params as Tensor[])
    this.grads = this.layers.flatMap((layer) => layer.grads as Tensor[])
  }

  get training(): boolean {
    return this.#head.training
  }

  set training(training: boolean) {
    this.#head.training = training
  }

  predict(xs: TokenBatch): Tensor<'float32', [N: number, T: number, V: number]> {
    const [embedding, recurrent, affine] = this.layers
    return affine.forward(recurrent.forward(embedding.forward(xs)))
  }

  forward(xs: TokenBatch, ts: TokenBatch): number {
    const [embedding, recurrent] = this.layers
    return this.#head.forward(recurrent.forward(embedding.forward(xs)), ts)
  }

  backward(dout = 1): void {
    const [embedding, recurrent] = this.layers
    embedding.backward(recurrent.backward(this.#head.backward(dout)))
  }

  resetState(): void {
    this.layers[1].resetState()
  }

  saveState(): ModelState {
    return [this.layers[1].saveState()]
  }

  restoreState(state: ModelState): void {
    this.layers[1].restoreState(state[0] ?? null)
  }

  namedParams(): Map<string, Tensor> {
    const [embedding, recurrent, affine] = this.layers
    return new Map<string, Tensor>([
      ['embedding.W', embedding.params[0]],
      ['recurrent.0.Wx', recurrent.params[0]],
      ['recurrent.0.Wh', recurrent.params[1]],
      ['recurrent.0.b', recurrent.params[2]],
      ['affine.W', affine.params[0]],
      ['affine.b', affine.params[1]],
    ])
  }
}
