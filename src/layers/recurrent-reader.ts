/** Recurrent layers as pure functions of a state: T steps of a cell, on buffers that are made once per [N, T]. */
import { checkInteger } from '../checks.ts'
import { contiguous, Tensor } from '../tensor/index.ts'
import {
  type Batch2,
  type Batch3,
  checkInput,
  checkStateTensors,
  type LayerState,
  type Weights,
} from './layer.ts'
import { Workspace } from './workspace.ts'

/** The T steps of a cell on buffers of their own. */
export interface ForwardBlock {
  hs: Batch3
  /** The states that the block begins and ends with. */
  first: Batch2[]
  last: Batch2[]
  /** @param xs the inputs of all steps, a matrix of N·T rows */
  run(xs: Weights): void
}

/** Runs a block from a state, and returns its inputs as a matrix of N·T rows. */
export function runBlock(block: ForwardBlock, xs: Batch3, state: readonly Batch2[]): Weights {
  const [N, T, D] = xs.shape
  const xRows = contiguous(xs).reshape([N * T, D])
  for (let i = 0; i < state.length; i++) block.first[i]!.copyFrom(state[i]!)
  block.run(xRows)
  return xRows
}

export interface RecurrentSizes {
  /** D: the columns of an input. */
  input: number
  /** The columns of each tensor of the state by its name, in order; the first tensor is the output h. */
  state: Readonly<Record<string, number>>
}

export class RecurrentReader {
  readonly #name: string
  readonly #inputSize: number
  readonly #sizes: readonly (readonly [name: string, size: number])[]
  readonly #names: readonly string[]
  readonly #blocks: Workspace<ForwardBlock>

  /** @param name of the layer, for errors */
  constructor(name: string, sizes: RecurrentSizes, makeForward: (N: number, T: number) => ForwardBlock) {
    this.#name = name
    this.#inputSize = sizes.input
    this.#sizes = Object.entries(sizes.state)
    this.#names = Object.keys(sizes.state)
    this.#blocks = new Workspace(makeForward)
  }

  zeroState(N: number): LayerState {
    checkInteger(`${this.#name}.zeroState`, 'N', N)
    return this.#sizes.map(([, size]) => Tensor.zeros([N, size]))
  }

  step(x: Batch2, state: LayerState): LayerState {
    const name = `${this.#name}.step`
    checkInput(name, 'x', x, 'float32', [
      ['N', null],
      ['D', this.#inputSize],
    ])
    const [N, D] = x.shape
    return this.#read(name, contiguous(x).reshape([N, 1, D]), state).state
  }

  /**
   * Reads xs [N, T, D] from `state`.
   * @param next tensors for the state after the block; new ones if missing
   * @returns hs [N, T, H], a buffer that the next call with this shape overwrites, and the state after the block
   */
  read(xs: Batch3, state: LayerState, next?: LayerState): { hs: Batch3; state: LayerState } {
    const name = `${this.#name}.read`
    checkInput(name, 'xs', xs, 'float32', [
      ['N', null],
      ['T', null],
      ['D', this.#inputSize],
    ])
    return this.#read(name, xs, state, next)
  }

  #read(name: string, xs: Batch3, state: LayerState, next?: LayerState): { hs: Batch3; state: LayerState } {
    const [N, T] = xs.shape
    const before = this.#check(name, 'state', state, N)
    const after = next && this.#check(name, 'next', next, N)
    const block = this.#blocks.for(N, T)
    runBlock(block, xs, before)
    if (!after) return { hs: block.hs, state: block.last.map((tensor) => tensor.clone()) }
    for (let i = 0; i < after.length; i++) after[i]!.copyFrom(block.last[i]!)
    return { hs: block.hs, state: after }
  }

  #check(name: string, argument: string, state: LayerState, N: number): Batch2[] {
    const tensors = checkStateTensors(name, state, this.#names)
    this.#sizes.forEach(([stateName, size], i) => {
      checkInput(name, `${argument}: ${stateName}`, tensors[i], 'float32', [
        ['N', N],
        ['H', size],
      ])
    })
    return tensors
  }
}
