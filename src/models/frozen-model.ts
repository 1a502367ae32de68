/**
 * A snapshot of a trained model, for reading only. Its weights are converted and packed once, so that a step reads each
 * weight once; the model that it comes from may continue training meanwhile.
 */
import { checkChoice, checkInteger, checkOptions } from '../checks.ts'
import { rangeError, typeError } from '../errors.ts'
import {
  type Batch2,
  type Batch3,
  type FrozenLayer,
  FrozenScores,
  type LayerState,
  type TokenBatch,
  WEIGHT_FORMATS,
  type WeightFormat,
  Workspace,
} from '../layers/index.ts'
import { gatherRows, Tensor } from '../tensor/index.ts'
import { cellOf } from './cells.ts'
import { type BlockScore, IGNORED, type ReadableModel, type Step } from './model.ts'
import type { LanguageModelOptions } from './model-settings.ts'
import { layersOf, State, stateOf } from './state.ts'

export interface FreezeOptions {
  /**
   * The format of the weights of recurrent layers and of the affine layer: `bfloat16` takes half the memory and time of
   * `float32`, `int8` (one scale per column) a quarter. Word vectors and biases stay float32. Default: `float32`.
   */
  weights?: WeightFormat
}

/** A model that can be frozen: a LanguageModel. */
interface TrainedModel {
  readonly options: Readonly<Required<LanguageModelOptions>>
  namedParams(): ReadonlyMap<string, Tensor>
}

type Vectors = Tensor<'float32', [V: number, D: number]>

export class FrozenModel implements ReadableModel {
  readonly options: Readonly<Required<LanguageModelOptions>>
  readonly weights: WeightFormat
  readonly #embedding: Vectors
  readonly #layers: readonly FrozenLayer[]
  readonly #head: FrozenScores
  readonly #inputs: Workspace<{ tokens: TokenBatch; vectors: Batch3 }>
  /** The sizes of the tensors of a state, layer by layer. */
  readonly #stateSizes: readonly (readonly number[])[]

  /** `model.freeze` is the usual way to make one. */
  constructor(model: TrainedModel, options: FreezeOptions = {}) {
    const { weights = 'float32' } = checkOptions('freeze', options, ['weights'])
    checkChoice('freeze', 'weights', weights, WEIGHT_FORMATS)
    this.options = model.options
    this.weights = weights
    const { cell, layers, wordvecSize: D, hiddenSize: H } = model.options
    const { freeze, states } = cellOf(cell)
    const params = model.namedParams()
    this.#embedding = params.get('embedding.W')!.clone() as Vectors
    this.#layers = Array.from({ length: layers }, (_, i) => freeze(this.#paramsOf(params, i), weights))
    this.#head = new FrozenScores(headParams(params), weights)
    this.#inputs = new Workspace((N, T) => ({
      tokens: Tensor.zeros([N, T], 'int32'),
      vectors: Tensor.zeros([N, T, D]),
    }))
    this.#stateSizes = this.#layers.map((_, i) =>
      Object.values(states).map((size) => size(i === 0 ? D : H, H)),
    )
  }

  get vocabSize(): number {
    return this.options.vocabSize
  }

  /** The size of all parameters, in bytes. */
  get byteLength(): number {
    const ofLayers = this.#layers.reduce((sum, { byteLength }) => sum + byteLength, 0)
    return this.#embedding.data.byteLength + ofLayers + this.#head.byteLength
  }

  /**
   * Takes over the weights of a model with the same sizes, such as the one that was frozen after more training. States stay
   * valid, though they were made by the earlier weights.
   * @throws {RangeError} if the model has other sizes
   */
  update(model: TrainedModel): void {
    for (const name of ['cell', 'layers', 'vocabSize', 'wordvecSize', 'hiddenSize', 'tieWeights'] as const) {
      if (model.options[name] !== this.options[name])
        throw rangeError('update', 'model', `${name} ${this.options[name]}`, model.options[name])
    }
    const params = model.namedParams()
    this.#embedding.copyFrom(params.get('embedding.W') as Vectors)
    this.#layers.forEach((layer, i) => {
      layer.update(this.#paramsOf(params, i))
    })
    this.#head.update(headParams(params))
  }

  initialState(N = 1): State {
    checkInteger('initialState', 'N', N)
    return stateOf(this.#zeros(N))
  }

  /**
   * Reads one token of each stream.
   * @param ids Int32Array [N], 0 … V − 1
   * @param options `out`: a result of an earlier step with as many rows, other than the one that `state` is part of. It is
   * overwritten and returned, so that a step allocates no buffers
   * @returns the log probabilities [N, V] of the next token, in nats, and the state after the token
   */
  step(ids: Int32Array, state: State, options: { out?: Step } = {}): Step {
    const { out } = checkOptions('step', options, ['out'])
    const before = this.#layersOf('step', state)
    const N = state.rows
    if (!(ids instanceof Int32Array)) throw typeError('step', 'ids', 'an Int32Array', ids)
    if (ids.length !== N)
      throw rangeError('step', 'ids', `${N} token ids, one for each row of the state`, ids)
    const next = out ? this.#layersOf('step', out.state) : this.#zeros(N)
    if (out && (out.state === state || out.state.rows !== N))
      throw rangeError('step', 'out', `another step's result, of ${N} rows`, out.state)
    const { tokens } = this.#inputs.for(N, 1)
    tokens.data.set(ids)
    const hs = this.#read(tokens, before, next)
    const h = hs.reshape([N, hs.shape[2]])
    const logProbs = this.#head.logProbs(h, out?.logProbs)
    return out ?? { logProbs, state: stateOf(next) }
  }

  read(xs: TokenBatch, state: State): State {
    const next = this.#zeros(state.rows)
    this.#read(xs, this.#layersOf('read', state), next)
    return stateOf(next)
  }

  score(xs: TokenBatch, ts: TokenBatch, state: State): BlockScore {
    const next = this.#zeros(state.rows)
    const hs = this.#read(xs, this.#layersOf('score', state), next)
    return { ...this.#head.losses(hs, ts, IGNORED), state: stateOf(next) }
  }

  /** Writes the state after the block to `next`. */
  #read(xs: TokenBatch, state: readonly LayerState[], next: readonly LayerState[]): Batch3 {
    const [N, T] = xs.shape
    let hs = this.#inputs.for(N, T).vectors
    gatherRows('read', this.#embedding, xs, hs)
    this.#layers.forEach((layer, i) => {
      hs = layer.read(hs, state[i] as Batch2[], next[i] as Batch2[])
    })
    return hs
  }

  #zeros(N: number): LayerState[] {
    return this.#stateSizes.map((sizes) => sizes.map((size) => Tensor.zeros([N, size])))
  }

  #paramsOf(params: ReadonlyMap<string, Tensor>, layer: number): Tensor[] {
    return cellOf(this.options.cell).parameters.map(({ name }) => params.get(`recurrent.${layer}.${name}`)!)
  }

  /** The tensors of a state, checked. */
  #layersOf(operation: string, state: State): readonly LayerState[] {
    if (!(state instanceof State))
      throw typeError(operation, 'state', 'a State that initialState, step or read returned', state)
    const layers = layersOf(state)
    const fits =
      layers.length === this.#stateSizes.length &&
      this.#stateSizes.every(
        (sizes, i) =>
          layers[i]!.length === sizes.length && sizes.every((size, j) => layers[i]![j]!.shape[1] === size),
      )
    if (!fits) throw rangeError(operation, 'state', "a State of this model's sizes", state)
    return layers
  }
}

/** W [H, V] and b [V] of the affine layer; tied weights are those of the embedding, transposed. */
function headParams(params: ReadonlyMap<string, Tensor>): [W: Tensor, b: Tensor] {
  const W = params.get('affine.W') ?? params.get('embedding.W')!.transpose()
  return [W, params.get('affine.b')!]
}
