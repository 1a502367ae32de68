/**
 * A model as functions of tokens and a state. They leave alone what training keeps in the layers: states, buffers, and what
 * `forward` has left for `backward`. No dropout is applied.
 */
import { checkInteger, checkOptions } from '../checks.ts'
import { argumentError, rangeError, typeError } from '../errors.ts'
import type {
  Batch3,
  FeedForwardLayer,
  LayerState,
  ReadableHead,
  RecurrentLayer,
  TokenBatch,
  TokenHistory,
} from '../layers/index.ts'
import { Tensor } from '../tensor/index.ts'
import { tokenError } from '../tensor/ops/gather.ts'
import { checkTensor } from '../tensor/ops/operands.ts'
import type { BlockScore, Step } from './model.ts'
import { isRecurrent } from './model-layers.ts'
import { layersOf, layoutOf, State, stateOf } from './state.ts'

/** What a model is read with. */
export interface ReadableLayers {
  /** Puts the tokens before a block in front of it, for models that see a window. */
  history?: TokenHistory | undefined
  embedding: { read(xs: TokenBatch): Batch3 }
  /** In order, from the embedding to the head. */
  hidden: readonly (Pick<FeedForwardLayer, 'read'> | Pick<RecurrentLayer, 'read' | 'zeroState'>)[]
  head: ReadableHead
}

export class Reader {
  readonly #layers: ReadableLayers
  readonly #vocabSize: number
  /** The types and shapes of a row of a state. */
  readonly #layout: string

  constructor(layers: ReadableLayers) {
    this.#layers = layers
    this.#vocabSize = layers.head.vocabSize
    this.#layout = layoutOf(this.initialState(1))
  }

  initialState(N = 1): State {
    checkInteger('initialState', 'N', N)
    const { history, hidden } = this.#layers
    const ofRecurrent = hidden.filter(isRecurrent).map((layer) => layer.zeroState(N))
    return stateOf(history ? [history.zeroState(N), ...ofRecurrent] : ofRecurrent)
  }

  step(ids: Int32Array, state: State, options: { out?: Step } = {}): Step {
    const { out } = checkOptions('step', options, ['out'])
    this.#checkState('step', state)
    const N = state.rows
    if (!(ids instanceof Int32Array)) throw typeError('step', 'ids', 'an Int32Array', ids)
    if (ids.length !== N)
      throw rangeError('step', 'ids', `${N} token ids, one for each row of the state`, ids)
    this.#checkIds('step', 'ids', Tensor.from(ids))
    if (out) {
      this.#checkState('step', out.state, 'out.state')
      if (out.state === state || out.state.rows !== N)
        throw rangeError('step', 'out', `another step's result, of ${N} rows`, out.state)
    }
    const { hs, next } = this.#run(Tensor.from(ids, [N, 1]), state, out?.state)
    const logProbs = this.#layers.head.logProbs(hs.reshape([N, hs.shape[2]]), out?.logProbs)
    return out ?? { logProbs, state: next }
  }

  read(xs: TokenBatch, state: State): State {
    this.#checkBlock('read', xs, state)
    return this.#run(xs, state).next
  }

  score(xs: TokenBatch, ts: TokenBatch, state: State): BlockScore {
    this.#checkBlock('score', xs, state)
    const { hs, next } = this.#run(xs, state)
    return { ...this.#layers.head.losses(hs, ts), state: next }
  }

  /** @returns hs [N, T, H], a buffer, and the state after the block, in `given` if there is one */
  #run(xs: TokenBatch, state: State, given?: State): { hs: Batch3; next: State } {
    const { history, embedding, hidden } = this.#layers
    const before = layersOf(state)
    const outs = given && layersOf(given)
    const after: LayerState[] = []
    let tokens = xs
    if (history) {
      const read = history.read(xs, before[0]!, outs?.[0])
      tokens = read.tokens
      after.push(read.state)
    }
    let out = embedding.read(tokens)
    for (const layer of hidden) {
      if (isRecurrent(layer)) {
        const read = layer.read(out, before[after.length]!, outs?.[after.length])
        out = read.hs
        after.push(read.state)
      } else out = layer.read(out)
    }
    return { hs: out, next: given ?? stateOf(after) }
  }

  #checkState(operation: string, state: unknown, argument = 'state'): asserts state is State {
    if (!(state instanceof State))
      throw typeError(operation, argument, 'a State that initialState, step or read returned', state)
    const layout = layoutOf(state)
    if (layout !== this.#layout)
      throw argumentError(
        operation,
        argument,
        `its rows are ${layout}, and those of this model are ${this.#layout}`,
      )
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
