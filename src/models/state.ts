/**
 * The state of a model for N streams, as an immutable value: tensors of N rows for each layer that has a state. A state
 * can be kept, shared between continuations, batched and written to a file.
 */
import { checkInteger } from '../checks.ts'
import { argumentError, typeError } from '../errors.ts'
import type { LayerState } from '../layers/index.ts'
import { type DType, Tensor } from '../tensor/index.ts'
import { decodeState, encodeState } from './state-bytes.ts'

/** The layers of a state, read-only. */
export let layersOf: (state: State) => readonly LayerState[]
/** Creates a state from tensors that nothing else writes. */
export let stateOf: (layers: readonly LayerState[]) => State

export class State {
  readonly #layers: readonly LayerState[]
  /** N. */
  readonly rows: number

  static {
    layersOf = (state) => state.#layers
    stateOf = (layers) => new State(layers)
  }

  private constructor(layers: readonly LayerState[]) {
    this.#layers = layers
    this.rows = layers[0]![0]!.shape[0]!
  }

  /** Copies of the tensors, layer by layer: h [N, H] of a recurrent layer, h and c of an LSTM's. */
  get layers(): Tensor<DType>[][] {
    return this.#layers.map((tensors) => tensors.map((tensor) => tensor.clone()))
  }

  /** Concatenates the rows of several states of one model, in order. */
  static concat(states: readonly State[]): State {
    if (!Array.isArray(states) || states.length === 0)
      throw typeError('State.concat', 'states', 'an array of at least one State', states)
    states.forEach((state, i) => {
      if (!(state instanceof State)) throw typeError('State.concat', `states[${i}]`, 'a State', state)
    })
    const [first] = states as [State]
    const layout = layoutOf(first)
    states.forEach((state, i) => {
      if (layoutOf(state) !== layout)
        throw argumentError(
          'State.concat',
          `states[${i}]`,
          `its rows are ${layoutOf(state)}, and those of states[0] are ${layout}`,
        )
    })
    const N = states.reduce((sum, { rows }) => sum + rows, 0)
    return new State(
      first.#layers.map((tensors, layer) =>
        tensors.map((tensor, place) => {
          const all = Tensor.zeros([N, ...tensor.shape.slice(1)], tensor.dtype)
          let start = 0
          for (const state of states) {
            const rows = state.#layers[layer]![place]!
            all.slice(0, start, start + state.rows).copyFrom(rows)
            start += state.rows
          }
          return all
        }),
      ),
    )
  }

  /** The state of stream i alone, with one row. */
  row(i: number): State {
    checkInteger('State.row', 'i', i, 0, this.rows - 1)
    return new State(
      this.#layers.map((tensors) => tensors.map((tensor) => tensor.slice(0, i, i + 1).clone())),
    )
  }

  /** The state as bytes, which are the same on every machine. `State.fromBytes` reads them. */
  toBytes(): Uint8Array {
    return encodeState(this.#layers)
  }

  /**
   * Reads the bytes written by `toBytes`.
   * @throws {RangeError} if the bytes are invalid, truncated or damaged
   */
  static fromBytes(bytes: Uint8Array): State {
    return new State(decodeState(bytes))
  }

  toString(): string {
    return `State of ${this.rows} rows of ${layoutOf(this)}`
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }
}

/** The types and shapes of a row: `float32 [100], float32 [100]` for h and c; layers are separated by semicolons. */
export function layoutOf(state: State): string {
  return layersOf(state)
    .map((tensors) => tensors.map(({ dtype, shape }) => `${dtype} [${shape.slice(1).join(', ')}]`).join(', '))
    .join('; ')
}
