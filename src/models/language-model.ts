/**
 * The recurrent language model: word vectors, stacked recurrent layers, and scores of the next word ("Deep Learning
 * from Scratch 2", ch. 5.5, 6.4 and 6.5).
 *
 *     xs [N, T] → TimeEmbedding [V, D] → (TimeRNN | TimeLSTM | TimeGRU, stateful) × layers [H] → TimeAffine [H, V] → loss
 *
 * With dropout, a TimeDropout follows the embedding and each recurrent layer (Zaremba et al. 2014). With weight tying
 * (Press and Wolf 2017; Inan et al. 2017), W of the affine layer is the transpose of that of the embedding: one tensor
 * with one gradient.
 */
import { checkInteger, checkOptions } from '../checks.ts'
import { rangeError } from '../errors.ts'
import { TimeAffine, TimeDropout, TimeEmbedding, type TimeRecurrent } from '../layers/index.ts'
import { Random, type Shape, Tensor } from '../tensor/index.ts'
import { cellOf } from './cells.ts'
import { type FreezeOptions, FrozenModel } from './frozen-model.ts'
import { randomVectors, randomWeights } from './initial-values.ts'
import { LayeredModel } from './layered-model.ts'
import { type LanguageModelOptions, MODEL_SETTING_NAMES, settleModelSettings } from './model-settings.ts'

export class LanguageModel extends LayeredModel {
  readonly options: Readonly<Required<LanguageModelOptions>>
  readonly #recurrent: readonly TimeRecurrent[]

  /** Initial values: embedding N(0, 1)/100, other weights N(0, 1)/√(rows), biases 0. */
  constructor(options: LanguageModelOptions) {
    const settled = settle(new.target.name, options)
    const { cell, layers, vocabSize: V, wordvecSize: D, hiddenSize: H, dropout, tieWeights } = settled
    const rng = new Random(settled.seed)
    const { parameters, makeLayer } = cellOf(cell)
    const embedding = new TimeEmbedding(randomVectors(V, D, rng))
    const recurrent = Array.from({ length: layers }, (_, i) => {
      const params = parameters.map(({ shape, initial }) => initial(shape(i === 0 ? D : H, H), rng))
      return makeLayer(params, { stateful: true })
    })
    const affine = tieWeights
      ? new TimeAffine(embedding.params[0].transpose(), Tensor.fixed([V]), {
          dW: embedding.grads[0].transpose(),
        })
      : new TimeAffine(randomWeights(H, V, rng), Tensor.fixed([V]))
    const drop = () => (dropout > 0 ? [new TimeDropout(dropout, { rng })] : [])
    const hidden = [...drop(), ...recurrent.flatMap((layer) => [layer, ...drop()])]
    super({ embedding, hidden, affine }, rng)
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

/** The names and shapes of a model's parameters in the order of `namedParams`; nothing is allocated. */
export function* parameterShapes(options: LanguageModelOptions): Generator<[name: string, shape: Shape]> {
  const settled = settle('LanguageModel', options)
  const { cell, layers, vocabSize: V, wordvecSize: D, hiddenSize: H, tieWeights } = settled
  yield ['embedding.W', [V, D]]
  for (let i = 0; i < layers; i++) {
    for (const { name, shape } of cellOf(cell).parameters)
      yield [`recurrent.${i}.${name}`, shape(i === 0 ? D : H, H)]
  }
  if (!tieWeights) yield ['affine.W', [H, V]]
  yield ['affine.b', [V]]
}

/** The names and sizes of the tensors of each layer's state in order, given options that are valid. */
export function stateSizes(options: LanguageModelOptions): [name: string, size: number][][] {
  const { cell, layers, wordvecSize: D, hiddenSize: H } = settle('LanguageModel', options)
  const states = Object.entries(cellOf(cell).states)
  return Array.from({ length: layers }, (_, i) =>
    states.map(([name, size]) => [name, size(i === 0 ? D : H, H)]),
  )
}

const OPTION_NAMES: readonly (keyof LanguageModelOptions)[] = ['vocabSize', ...MODEL_SETTING_NAMES, 'seed']

function settle(name: string, options: LanguageModelOptions): Required<LanguageModelOptions> {
  const { vocabSize, seed = 0 } = checkOptions(name, options, OPTION_NAMES)
  checkInteger(name, 'vocabSize', vocabSize)
  const settings = settleModelSettings(name, options)
  const { tieWeights, wordvecSize, hiddenSize } = settings
  if (tieWeights && wordvecSize !== hiddenSize) {
    throw rangeError(name, 'hiddenSize', `${wordvecSize}, as wordvecSize, since weights are tied`, hiddenSize)
  }
  return { vocabSize, ...settings, seed }
}
