import {
  SoftmaxHead,
  TiedSoftmaxHead,
  TimeAffine,
  TimeDropout,
  TimeEmbedding,
  type TimeRecurrent,
} from '../layers/index.ts'
import { Random, Tensor } from '../tensor/index.ts'
import { cellOf } from './cells.ts'
import { type FreezeOptions, FrozenModel } from './frozen-model.ts'
import { randomVectors, randomWeights } from './initial-values.ts'
import { type LanguageModelOptions, settleOptions } from './language-model-options.ts'
import { LayeredModel } from './layered-model.ts'

export class LanguageModel extends LayeredModel {
  readonly options: Readonly<Required<LanguageModelOptions>>
  readonly #recurrent: readonly TimeRecurrent[]

  /** Initial values: embedding N(0, 1)/100, other weights N(0, 1)/√(rows), biases 0. */
  constructor(options: LanguageModelOptions) {
    const settled = settleOptions(new.target.name, options)
    const { cell, layers, vocabSize: V, wordvecSize: D, hiddenSize: H, dropout, tieWeights } = settled
    const rng = new Random(settled.seed)
    const { parameters, makeLayer } = cellOf(cell)
    const embedding = new TimeEmbedding(randomVectors(V, D, rng))
    const recurrent = Array.from({ length: layers }, (_, i) => {
      const params = parameters.map(({ shape, initial }) => initial(shape(i === 0 ? D : H, H), rng))
      return makeLayer(params, { stateful: true })
    })
    const head = tieWeights
      ? new TiedSoftmaxHead(embedding)
      : new SoftmaxHead(new TimeAffine(randomWeights(H, V, rng), Tensor.fixed([V])))
    const drop = () => (dropout > 0 ? [new TimeDropout(dropout, { rng })] : [])
    const hidden = [...drop(), ...recurrent.flatMap((layer) => [layer, ...drop()])]
    super({ embedding, hidden, head }, rng)
    this.options = settled
    this.#recurrent = recurrent
  }

  /**
   * A snapshot for reading only, with its own copy of the weights, packed for fast steps. This model may continue training.
   * @param options `weights`: `float32` (the default), `bfloat16` (half the size) or `int8` (a quarter)
   */
  freeze(options: FreezeOptions = {}): FrozenModel {
    return new FrozenModel(this, options)
  }

  protected namedHiddenParams(): [string, Tensor][] {
    const { parameters } = cellOf(this.options.cell)
    return this.#recurrent.flatMap(({ params }, layer) =>
      parameters.map(({ name }, i): [string, Tensor] => [`recurrent.${layer}.${name}`, params[i]!]),
    )
  }
}
