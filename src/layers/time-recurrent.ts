/**
 * What TimeRNN, TimeLSTM and TimeGRU share: a block of T steps of a recurrent cell with G = gates·H columns of weights,
 * with truncated back-propagation. The state goes on from block to block; the gradient stops at the block's start.
 *
 * Forward: all inputs are projected in one matmul, a = xs·Wx + b [N·T, G]; the cell's steps add what comes from the
 * state. Backward: the cell's steps give da [N·T, G] and dWh; then dWx = xsᵀ·da, db = Σ da and dxs = da·Wxᵀ are one
 * operation each.
 */
import { checkFlag, checkNoOthers, checkOptions } from '../checks.ts'
import { rangeError } from '../errors.ts'
import { matmul, sum, Tensor } from '../tensor/index.ts'
import {
  type Batch2,
  type Batch3,
  type Bias,
  checkGradient,
  checkInput,
  contiguous,
  type LayerState,
  requireForward,
  type StatefulLayer,
  type Weights,
  zerosLike,
} from './layer.ts'
import { checkRecurrentWeights } from './recurrent-weights.ts'
import { Workspace } from './workspace.ts'

/** The T steps of a cell on buffers of their own. A state is h [N, H], or h and c. */
export interface RecurrentBlock {
  /** The projected inputs and their gradient, matrices of N·T rows and G columns. */
  a: Weights
  da: Weights
  hs: Batch3
  /** Where the given gradient of hs goes. */
  dhs: Batch3
  /** The state that the block begins with, its gradient, and the state that it ends with. */
  first: Batch2[]
  dFirst: Batch2[]
  last: Batch2[]
  forward(): void
  backward(): void
}

interface Buffers {
  block: RecurrentBlock
  dxs: Batch3
  dxRows: Weights
}

export interface TimeRecurrentOptions {
  /** Begin each block with the state that the one before ended with. */
  stateful?: boolean
}

export abstract class TimeRecurrent implements StatefulLayer {
  readonly params: [Wx: Weights, Wh: Weights, b: Bias]
  readonly grads: [dWx: Weights, dWh: Weights, db: Bias]
  readonly stateful: boolean
  readonly #name: string
  readonly #stateNames: readonly string[]
  readonly #workspace: Workspace<Buffers>
  /** The buffers of the state, of `batchSize` rows, once there was one; zero where `hasState` is false. */
  #state: Batch2[] = []
  #batchSize = 0
  readonly #states: Workspace<Batch2[]>
  #hasState = false
  #dFirst: Batch2[] | null = null
  #cache?: { xRows: Weights; buffers: Buffers }

  protected constructor(
    name: string,
    [Wx, Wh, b]: [Wx: Weights, Wh: Weights, b: Bias],
    { gates, stateNames }: { gates: number; stateNames: readonly string[] },
    options: TimeRecurrentOptions,
  ) {
    const { stateful = false, ...others } = checkOptions(name, options)
    checkNoOthers(name, others)
    checkRecurrentWeights(name, Wx, Wh, b, gates)
    this.#name = name
    this.#stateNames = stateNames
    this.params = [Wx, Wh, b]
    this.grads = [zerosLike(Wx), zerosLike(Wh), zerosLike(b)]
    this.stateful = checkFlag(name, 'stateful', stateful)
    this.#states = new Workspace((N) => stateNames.map(() => Tensor.fixed([N, Wh.shape[0]])))
    this.#workspace = new Workspace((N, T) => {
      const dxs = Tensor.fixed([N, T, Wx.shape[0]])
      return { block: this.makeBlock(N, T), dxs, dxRows: dxs.reshape([N * T, Wx.shape[0]]) }
    })
  }

  protected abstract makeBlock(N: number, T: number): RecurrentBlock

  /** A copy of the state after the last block, [N, H]; null before the first. */
  get h(): Batch2 | null {
    return this.stateAt(0)
  }

  /** The gradient handed to whatever gave the block its first state (a seq2seq encoder), [N, H]. */
  get dh(): Batch2 | null {
    return this.stateGradientAt(0)
  }

  protected stateAt(index: number): Batch2 | null {
    return this.#hasState ? this.#state[index]!.clone() : null
  }

  protected stateGradientAt(index: number): Batch2 | null {
    return this.#dFirst && this.#dFirst[index]!
  }

  protected copyState(state: readonly Batch2[]): void {
    const H = this.params[1].shape[0]
    this.#stateNames.forEach((name, i) => {
      checkInput(`${this.#name}.setState`, name, state[i], 'float32', [
        ['N', i === 0 ? null : state[0]!.shape[0]],
        ['H', H],
      ])
    })
    this.#makeState(state[0]!.shape[0])
    this.#state.forEach((tensor, i) => {
      tensor.copyFrom(state[i]!)
    })
    this.#hasState = true
  }

  resetState(rows?: readonly number[]): void {
    if (rows) {
      const H = this.params[1].shape[0]
      for (const { data } of this.#state) for (const row of rows) data.fill(0, row * H, (row + 1) * H)
      return
    }
    this.#clearState()
    this.#hasState = false
  }

  saveState(): Tensor[] | null {
    return this.#hasState ? this.#state.map((tensor) => tensor.clone()) : null
  }

  restoreState(state: LayerState | null): void {
    if (state) this.copyState(state as Tensor[] as Batch2[])
    else this.resetState()
  }

  /** @param xs [N, T, D]  @returns hs [N, T, H], a buffer that the next forward of this shape writes again */
  forward(xs: Batch3): Batch3 {
    const [Wx, , b] = this.params
    checkInput(`${this.#name}.forward`, 'xs', xs, 'float32', [
      ['N', null],
      ['T', null],
      ['D', Wx.shape[0]],
    ])
    const [N, T, D] = xs.shape
    const state = this.#stateFor(N)
    const buffers = this.#workspace.for(N, T)
    const { a, first, last, hs } = buffers.block
    const xRows = contiguous(xs).reshape([N * T, D])
    matmul(xRows, Wx, { out: a, bias: b })
    for (let i = 0; i < state.length; i++) first[i]!.copyFrom(state[i]!)
    buffers.block.forward()
    for (let i = 0; i < state.length; i++) state[i]!.copyFrom(last[i]!)
    this.#hasState = true
    this.#cache = { xRows, buffers }
    return hs
  }

  /** Takes the buffers of the state for another batch size. */
  #makeState(N: number): void {
    if (this.#batchSize === N) return
    this.#state = this.#states.for(N, 1)
    this.#clearState()
    this.#batchSize = N
  }

  #clearState(): void {
    for (const tensor of this.#state) tensor.fill(0)
  }

  /** The buffers of the state that a block of batch size N begins with. */
  #stateFor(N: number): Batch2[] {
    if (this.stateful && this.#hasState && this.#batchSize !== N) {
      throw rangeError(
        `${this.#name}.forward`,
        'xs',
        `N = ${this.#batchSize} as in the state (or call resetState first)`,
        N,
      )
    }
    this.#makeState(N)
    if (!this.stateful) this.#clearState()
    return this.#state
  }

  /** @param dhs [N, T, H]  @returns dxs [N, T, D], a buffer as forward's; the weights' gradients go to `grads` */
  backward(dhs: Batch3): Batch3 {
    const { xRows, buffers } = requireForward(`${this.#name}.backward`, this.#cache)
    const { block, dxs, dxRows } = buffers
    checkGradient(`${this.#name}.backward`, 'dhs', dhs, block.hs.shape)
    const [Wx] = this.params
    const [dWx, , db] = this.grads
    block.dhs.copyFrom(dhs)
    block.backward()
    matmul(xRows, block.da, { transA: true, out: dWx })
    sum(block.da, 0, { out: db })
    matmul(block.da, Wx, { transB: true, out: dxRows })
    this.#dFirst = block.dFirst
    return dxs
  }
}

/** A tensor [N, T, columns], all its rows as a matrix, and the rows of each step as a matrix of N rows. */
export interface Sequence {
  all: Batch3
  rows: Weights
  steps: Batch2[]
}

export function makeSequence(N: number, T: number, columns: number): Sequence {
  const all = Tensor.fixed([N, T, columns])
  return {
    all,
    rows: all.reshape([N * T, columns]),
    steps: Array.from({ length: T }, (_, t) => all.select(1, t)),
  }
}

/**
 * The states before each step, [N, T, H]: `first` where the block begins, then hs one step later. They are gathered
 * once a block, for the gradient of Wh.
 */
export interface PreviousStates {
  rows: Weights
  first: Batch2
  gather(): void
}

export function makePreviousStates(hs: Batch3): PreviousStates {
  const [N, T, H] = hs.shape
  const previous = makeSequence(N, T, H)
  const blocks = [N, T * H] as const
  const later = previous.all.reshape(blocks).slice(1, H, T * H)
  const earlier = hs.reshape(blocks).slice(1, 0, (T - 1) * H)
  return { rows: previous.rows, first: previous.steps[0]!, gather: () => void later.copyFrom(earlier) }
}
