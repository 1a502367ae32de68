/**
 * A model as functions of tokens and a state. They share the weights of the model's layers, and leave alone what its
 * training keeps there: states, buffers, and what `forward` has left for `backward`. Nothing is dropped out.
 */
import { checkInteger } from '../checks.ts'
import { rangeError, typeError } from '../errors.ts'
import { AffineScores, type Batch3, type LayerState, type TokenBatch } from '../layers/index.ts'
import { Tensor } from '../tensor/index.ts'
import { tokenError } from '../tensor/ops/gather.ts'
import { checkTensor } from '../tensor/ops/operands.ts'
import { type BlockScore, IGNORED, type Step } from './model.ts'
import { isRecurrent, type ModelLayers } from './model-layers.ts'
import { layersOf, State, stateOf } from './state.ts'

export class Reader {
  readonly #layers: ModelLayers
  readonly #scores: AffineScores
  readonly #vocabSize: number
  /** How many layers have a state. */
  readonly #stateCount: number

  constructor(layers: ModelLayers) {
    this.#layers = layers
    this.#scores = new AffineScores(layers.affine)
    this.#vocabSize = layers.affine.params[0].shape[1]
    this.#stateCount = layers.hidden.filter(isRecurrent).length + (layers.history ? 1 : 0)
  }

  initialState(N: number): State {
    checkInteger('initialState', 'N', N)
    const { history, hidden } = this.#layers
    const ofRecurrent = hidden.filter(isRecurrent).map((layer) => layer.zeroState(N))
    return stateOf(history ? [history.zeroState(N), ...ofRecurrent] : ofRecurrent)
  }

  step(ids: Int32Array, state: State): Step {
    this.#checkState('step', state)
    const N = state.rows
    if (!(ids instanceof Int32Array)) throw typeError('step', 'ids', 'an Int32Array', ids)
    if (ids.length !== N)
      throw rangeError('step', 'ids', `${N} token ids, one for each row of the state`, ids)
    this.#checkIds('step', 'ids', Tensor.from(ids))
    const { hs, next } = this.#run(Tensor.from(ids, [N, 1]), state)
    return { logProbs: this.#scores.logProbs(hs.reshape([N, hs.shape[2]])), state: next }
  }

  read(xs: TokenBatch, state: State): State {
    this.#checkBlock('read', xs, state)
    return this.#run(xs, state).next
  }

  score(xs: TokenBatch, ts: TokenBatch, state: State): BlockScore {
    this.#checkBlock('score', xs, state)
    const { hs, next } = this.#run(xs, state)
    return { ...this.#scores.losses(hs, ts, IGNORED), state: next }
  }

  /** @returns hs [N, T, H], a buffer, and the state after the block */
  #run(xs: TokenBatch, state: State): { hs: Batch3; next: State } {
    const { history, embedding, hidden } = this.#layers
    const before = layersOf(state)
    const after: LayerState[] = []
    let tokens = xs
    if (history) {
      const read = history.read(xs, before[0]!)
      tokens = read.tokens
      after.push(read.state)
    }
    let out = embedding.read(tokens)
    for (const layer of hidden) {
      if (isRecurrent(layer)) {
        const read = layer.read(out, before[after.length]!)
        out = read.hs
        after.push(read.state)
      } else out = layer.read(out)
    }
    return { hs: out, next: stateOf(after) }
  }

  #checkState(operation: string, state: unknown): asserts state is State {
    if (!(state instanceof State))
      throw typeError(operation, 'state', 'a State that initialState, step or read returned', state)
    const { length } = layersOf(state)
    if (length !== this.#stateCount)
      throw rangeError(operation, 'state', `a State of ${this.#stateCount} layers, as in this model`, length)
  }

  #checkBlock(operation: string, xs: TokenBatch, state: State): void {
    this.#checkState(operation, state)
    checkTensor(operation, 'xs', xs, 'int32')
    const N = state.rows
    if (xs.rank !== 2 || xs.shape[0] !== N || xs.shape[1] === 0)
      throw rangeError(operation, 'xs', `the shape [N = ${N}, T], with as many rows as the state`, xs.shape)
    this.#checkIds(operation, 'xs', xs.isContiguous ? xs : xs.clone())
  }

  #checkIds(operation: string, argument: string, ids: Tensor<'int32'>): void {
    for (let i = 0; i < ids.size; i++) {
      const id = ids.data[ids.offset + i]!
      if (id < 0 || id >= this.#vocabSize) throw tokenError(operation, argument, ids, i, this.#vocabSize)
    }
  }
}
