/**
 * A snapshot of a trained model, for reading only: a copy of its weights, converted and packed once. The model that it comes
 * from may continue training.
 */
import { checkChoice, checkOptions } from '../checks.ts'
import { rangeError } from '../errors.ts'
import {
  type FrozenHead,
  type FrozenLayer,
  type LossHead,
  type TokenBatch,
  WEIGHT_FORMATS,
  type WeightFormat,
  Workspace,
} from '../layers/index.ts'
import { contiguous, gatherRows, Tensor } from '../tensor/index.ts'
import { cellOf } from './cells.ts'
import { type LanguageModelOptions, stateSizes } from './language-model-options.ts'
import type { BlockScore, ReadableModel, Step } from './model.ts'
import { FIXED_MODEL_SETTINGS } from './model-settings.ts'
import { Reader } from './reader.ts'
import type { State } from './state.ts'

export interface FreezeOptions {
  /**
   * The format of the weights of recurrent layers and of the affine layer: `bfloat16` takes half the memory of `float32`,
   * `int8` (one scale per column) a quarter. Word vectors and biases stay float32. Default: `float32`.
   */
  weights?: WeightFormat
}

/** A model that can be frozen: a LanguageModel. */
interface TrainedModel {
  readonly options: Readonly<Required<LanguageModelOptions>>
  readonly lossHead: LossHead
  namedParams(): ReadonlyMap<string, Tensor>
}

type Vectors = Tensor<'float32', [V: number, D: number]>

export class FrozenModel implements ReadableModel {
  readonly options: Readonly<Required<LanguageModelOptions>>
  readonly weights: WeightFormat
  readonly #vectors: Vectors
  readonly #layers: readonly FrozenLayer[]
  readonly #head: FrozenHead
  readonly #reader: Reader

  /** `model.freeze` is the usual way to make one. */
  constructor(model: TrainedModel, options: FreezeOptions = {}) {
    const { weights = 'float32' } = checkOptions('freeze', options, ['weights'])
    checkChoice('freeze', 'weights', weights, WEIGHT_FORMATS)
    this.options = model.options
    this.weights = weights
    const { cell } = model.options
    const params = model.namedParams()
    const vectors = params.get('embedding.W')!.clone() as Vectors
    const inputs = new Workspace((N, T) => Tensor.fixed([N, T, vectors.shape[1]]))
    this.#vectors = vectors
    this.#layers = stateSizes(model.options).map((sizes, i) =>
      cellOf(cell).freeze(this.#paramsOf(params, i), Object.fromEntries(sizes), weights),
    )
    this.#head = model.lossHead.freeze(weights)
    this.#reader = new Reader({
      embedding: {
        read: (xs) => {
          const out = inputs.for(...xs.shape)
          gatherRows('read', vectors, contiguous(xs), out)
          return out
        },
      },
      hidden: this.#layers,
      head: this.#head,
    })
  }

  get vocabSize(): number {
    return this.options.vocabSize
  }

  /** The size of all parameters, in bytes. */
  get byteLength(): number {
    const ofLayers = this.#layers.reduce((sum, { byteLength }) => sum + byteLength, 0)
    return this.#vectors.data.byteLength + ofLayers + this.#head.byteLength
  }

  /**
   * Takes over the weights of a model with the same sizes, such as the one that was frozen after more training. States stay
   * valid, though they were made by the earlier weights.
   * @throws {RangeError} if the model has other sizes
   */
  update(model: TrainedModel): void {
    for (const name of ['vocabSize', ...FIXED_MODEL_SETTINGS] as const) {
      if (model.options[name] !== this.options[name])
        throw rangeError('update', 'model', `${name} ${this.options[name]}`, model.options[name])
    }
    const params = model.namedParams()
    this.#vectors.copyFrom(params.get('embedding.W') as Vectors)
    this.#layers.forEach((layer, i) => {
      layer.update(this.#paramsOf(params, i))
    })
    this.#head.update(model.lossHead)
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

  #paramsOf(params: ReadonlyMap<string, Tensor>, layer: number): Tensor[] {
    return cellOf(this.options.cell).parameters.map(({ name }) => params.get(`recurrent.${layer}.${name}`)!)
  }
}
