/**
 * Prepends the last k tokens of each stream to the next block.
 *
 *     out = [state, xs],   state ← the last k columns of out        xs int32 [N, T], state [N, k], out [N, k + T]
 *
 * At the beginning of a stream, the state consists of start tokens with the id V, which no text contains. Memory: N·(k
 * + T) integers, allocated once per [N, T].
 */
import { checkInteger } from '../checks.ts'
import { rangeError, typeError } from '../errors.ts'
import { contiguous, Tensor } from '../tensor/index.ts'
import { tokenError } from '../tensor/ops/gather.ts'
import { checkTensor, checkTensorShape } from '../tensor/ops/operands.ts'
import { checkInput, type LayerState, type StatefulLayer, type TokenBatch } from './layer.ts'
import { Workspace } from './workspace.ts'

interface Buffers {
  out: TokenBatch
  /** Views of `out`: what comes from the state, the block, and what the state becomes. */
  before: TokenBatch
  block: TokenBatch
  last: TokenBatch
}

export class TokenHistory implements StatefulLayer {
  readonly params: [] = []
  readonly grads: [] = []
  readonly #length: number
  readonly #vocabSize: number
  readonly #workspace: Workspace<Buffers>
  /** Start tokens where `hasState` is false. */
  #state: TokenBatch = Tensor.fixed([0, 0], 'int32')
  #start: TokenBatch = Tensor.fixed([0, 0], 'int32')
  #hasState = false

  /** @param length k, 0 or more  @param vocabSize V */
  constructor(length: number, vocabSize: number) {
    this.#length = checkInteger('TokenHistory', 'length', length, 0)
    this.#vocabSize = checkInteger('TokenHistory', 'vocabSize', vocabSize)
    this.#workspace = new Workspace((N, T) => {
      const out = Tensor.fixed([N, length + T], 'int32')
      return {
        out,
        before: out.slice(1, 0, length),
        block: out.slice(1, length, length + T),
        last: out.slice(1, T, length + T),
      }
    })
  }

  /** @param xs int32 [N, T], ids 0 … V − 1  @returns int32 [N, k + T], a buffer that the next forward of this shape overwrites */
  forward(xs: TokenBatch): TokenBatch {
    const name = 'TokenHistory.forward'
    checkInput(name, 'xs', xs, 'int32', [
      ['N', null],
      ['T', null],
    ])
    const [N, T] = xs.shape
    this.#checkIds(name, xs)
    if (this.#hasState && this.#state.shape[0] !== N) {
      const expected = `N = ${this.#state.shape[0]} as in the state (or call resetState first)`
      throw rangeError(name, 'xs', expected, N)
    }
    this.#makeState(N)
    const { out, before, block, last } = this.#workspace.for(N, T)
    before.copyFrom(this.#state)
    block.copyFrom(xs)
    this.#state.copyFrom(last)
    this.#hasState = true
    return out
  }

  /** N rows of k start tokens. */
  zeroState(N: number): LayerState {
    checkInteger('TokenHistory.zeroState', 'N', N)
    return [startTokens(Tensor.zeros([N, this.#length], 'int32'), this.#vocabSize)]
  }

  /**
   * The same from a state to the state after the block; leaves the layer's own state as it is.
   * @param next tensors for the state after the block; new ones if missing
   * @returns int32 [N, k + T], a new tensor, and the state
   */
  read(xs: TokenBatch, state: LayerState, next?: LayerState): { tokens: TokenBatch; state: LayerState } {
    const name = 'TokenHistory.read'
    checkInput(name, 'xs', xs, 'int32', [
      ['N', null],
      ['T', null],
    ])
    this.#checkIds(name, xs)
    const [N, T] = xs.shape
    const k = this.#length
    if (!Array.isArray(state) || state.length !== 1)
      throw typeError(name, 'state', 'an array of one tensor', state)
    const [before] = state
    checkTensor(name, 'state', before, 'int32')
    checkTensorShape(name, 'state', before, [N, k])
    this.#checkIds(name, before as TokenBatch, 'state', this.#vocabSize + 1)
    const tokens: TokenBatch = Tensor.zeros([N, k + T], 'int32')
    tokens.slice(1, 0, k).copyFrom(before)
    tokens.slice(1, k, k + T).copyFrom(xs)
    const after = tokens.slice(1, T, k + T)
    if (!next) return { tokens, state: [after.clone()] }
    next[0]!.copyFrom(after)
    return { tokens, state: next }
  }

  resetState(rows?: readonly number[]): void {
    if (rows) {
      const { data } = this.#state
      for (const row of rows) data.fill(this.#vocabSize, row * this.#length, (row + 1) * this.#length)
      return
    }
    this.#state.copyFrom(this.#start)
    this.#hasState = false
  }

  saveState(): LayerState | null {
    return this.#hasState ? [this.#state.clone()] : null
  }

  restoreState(state: LayerState | null): void {
    if (!state) {
      this.resetState()
      return
    }
    const tokens = state[0] as TokenBatch
    checkInput('TokenHistory.restoreState', 'tokens', tokens, 'int32', [
      ['N', null],
      ['k', this.#length],
    ])
    this.#makeState(tokens.shape[0])
    this.#state.copyFrom(tokens)
    this.#hasState = true
  }

  /** Makes the state anew where it has another batch size. */
  #makeState(N: number): void {
    if (this.#state.shape[0] === N) return
    this.#start = Tensor.fixed([N, this.#length], 'int32')
    this.#state = Tensor.fixed([N, this.#length], 'int32')
    startTokens(this.#start, this.#vocabSize)
    startTokens(this.#state, this.#vocabSize)
  }

  /** The start token is in a state, but not in a text. */
  #checkIds(operation: string, xs: TokenBatch, argument = 'xs', idCount = this.#vocabSize): void {
    const ids = contiguous(xs)
    for (let i = 0; i < ids.size; i++) {
      const id = ids.data[ids.offset + i]!
      if (id < 0 || id >= idCount) throw tokenError(operation, argument, ids, i, idCount)
    }
  }
}

function startTokens(tokens: TokenBatch, vocabSize: number): TokenBatch {
  tokens.data.fill(vocabSize, tokens.offset, tokens.offset + tokens.size)
  return tokens
}
