/**
 * What recurrent layers share: a block of T steps of a cell with truncated backpropagation. The state is handed from block
 * to block; the gradient stops at the start of the block. A layer has any number of parameters, and gives the sizes of its
 * input and of each tensor of its state, and the steps on the buffers of a block.
 */
import { checkFlag, checkOptions } from '../checks.ts'
import { rangeError, typeError } from '../errors.ts'
import { Tensor } from '../tensor/index.ts'
import {
  type Batch2,
  type Batch3,
  checkGradient,
  checkInput,
  type LayerState,
  type RecurrentLayer,
  requireForward,
  type Weights,
  zerosLike,
} from './layer.ts'
import { type ForwardBlock, RecurrentReader, type RecurrentSizes, runBlock } from './recurrent-reader.ts'
import { SentenceStarts } from './sentence-starts.ts'
import { Workspace } from './workspace.ts'

/** The buffers of T steps, and the gradients back through them. */
export interface TrainingBlock {
  forward: ForwardBlock
  /** Where the given gradient of hs goes. */
  dhs: Batch3
  /** The gradient of the state that the block begins with. */
  dFirst: Batch2[]
  /** Writes the gradient of xs to dxs, and those of the parameters to `grads`. */
  backward(xs: Weights, dxs: Weights): void
}

export type BlockMaker<Block> = (N: number, T: number) => Block

interface Buffers extends TrainingBlock {
  dxs: Batch3
  dxRows: Weights
}

export interface TimeRecurrentOptions {
  /** Begin each block with the state that the one before ended with. */
  stateful?: boolean
  /** Begin each sentence with a zero state, inside a block too. Does not apply to `step` and `read`. */
  sentenceStarts?: SentenceStarts | undefined
}

export abstract class TimeRecurrent<Params extends Tensor[] = Tensor[]> implements RecurrentLayer {
  readonly params: Params
  readonly grads: Params
  readonly stateful: boolean
  protected readonly sentenceStarts: SentenceStarts | undefined
  readonly #name: string
  readonly #inputSize: number
  readonly #states: readonly (readonly [name: string, size: number])[]
  readonly #workspace: Workspace<Buffers>
  readonly #reader: RecurrentReader
  /** The buffers of the state, of `batchSize` rows, once there was one; zero where `hasState` is false. */
  #state: Batch2[] = []
  #batchSize = 0
  readonly #stateBuffers: Workspace<Batch2[]>
  #hasState = false
  #dFirst: Batch2[] | null = null
  #cache?: { xRows: Weights; buffers: Buffers }

  protected constructor(
    name: string,
    params: Params,
    { input, state }: RecurrentSizes,
    options: TimeRecurrentOptions,
  ) {
    const { stateful = false, sentenceStarts } = checkOptions(name, options, ['stateful', 'sentenceStarts'])
    this.#name = name
    this.#inputSize = input
    this.#states = Object.entries(state)
    this.params = params
    this.grads = params.map((param) => zerosLike(param)) as Params
    this.stateful = checkFlag(name, 'stateful', stateful)
    if (sentenceStarts !== undefined && !(sentenceStarts instanceof SentenceStarts))
      throw typeError(name, 'sentenceStarts', 'a SentenceStarts', sentenceStarts)
    this.sentenceStarts = sentenceStarts
    this.#stateBuffers = new Workspace((N) => this.#states.map(([, size]) => Tensor.fixed([N, size])))
    let makeTraining: BlockMaker<TrainingBlock> | undefined
    this.#workspace = new Workspace((N, T) => {
      makeTraining ??= this.trainingMaker()
      const dxs = Tensor.fixed([N, T, input])
      return { ...makeTraining(N, T), dxs, dxRows: dxs.reshape([N * T, input]) }
    })
    let makeReading: BlockMaker<ForwardBlock> | undefined
    this.#reader = new RecurrentReader(name, { input, state }, (N, T) => {
      makeReading ??= this.forwardMaker()
      return makeReading(N, T)
    })
  }

  /**
   * A function that makes the steps of a block. Training and reading call this once each, so that neither overwrites the
   * weights that the other has packed.
   */
  protected abstract forwardMaker(starts?: SentenceStarts): BlockMaker<ForwardBlock>
  protected abstract trainingMaker(): BlockMaker<TrainingBlock>

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

  /** Copies h [N, H]: the state that the next block of a stateful layer begins with. */
  setState(h: Batch2): void {
    this.copyState([h])
  }

  protected copyState(state: readonly Batch2[]): void {
    this.#states.forEach(([name, size], i) => {
      checkInput(`${this.#name}.setState`, name, state[i], 'float32', [
        ['N', i === 0 ? null : state[0]!.shape[0]],
        ['H', size],
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
      for (const { data, shape } of this.#state) {
        const [, size] = shape
        for (const row of rows) data.fill(0, row * size, (row + 1) * size)
      }
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

  /** @param xs [N, T, D]  @returns hs [N, T, H], a buffer that the next forward of this shape overwrites */
  forward(xs: Batch3): Batch3 {
    checkInput(`${this.#name}.forward`, 'xs', xs, 'float32', [
      ['N', null],
      ['T', null],
      ['D', this.#inputSize],
    ])
    const [N, T] = xs.shape
    const state = this.#stateFor(N)
    const buffers = this.#workspace.for(N, T)
    const xRows = runBlock(buffers.forward, xs, state)
    for (let i = 0; i < state.length; i++) state[i]!.copyFrom(buffers.forward.last[i]!)
    this.#hasState = true
    this.#cache = { xRows, buffers }
    return buffers.forward.hs
  }

  zeroState(N: number): LayerState {
    return this.#reader.zeroState(N)
  }

  step(x: Batch2, state: LayerState): LayerState {
    return this.#reader.step(x, state)
  }

  read(xs: Batch3, state: LayerState, next?: LayerState): { hs: Batch3; state: LayerState } {
    return this.#reader.read(xs, state, next)
  }

  /** Takes the buffers of the state for another batch size. */
  #makeState(N: number): void {
    if (this.#batchSize === N) return
    this.#state = this.#stateBuffers.for(N, 1)
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

  /** @param dhs [N, T, H]  @returns dxs [N, T, D], a buffer like that of forward; writes the gradients of the weights to `grads` */
  backward(dhs: Batch3): Batch3 {
    const { xRows, buffers } = requireForward(`${this.#name}.backward`, this.#cache)
    checkGradient(`${this.#name}.backward`, 'dhs', dhs, buffers.forward.hs.shape)
    buffers.dhs.copyFrom(dhs)
    buffers.backward(xRows, buffers.dxRows)
    this.#dFirst = buffers.dFirst
    return buffers.dxs
  }
}
