/**
 * Word vectors: out[n, t] = W[xs[n, t]] ("Deep Learning from Scratch 2", ch. 5.4). The gradient of W adds dout[n, t] to
 * row xs[n, t] and is 0 in the rows of all other words.
 */
import { rangeError } from '../errors.ts'
import { contiguous, gatherRows, scatterAddRows, Tensor } from '../tensor/index.ts'
import { checkTensor } from '../tensor/ops/operands.ts'
import {
  type Batch3,
  checkGradient,
  checkInput,
  type Layer,
  requireForward,
  type TokenBatch,
  type Weights,
  zerosLike,
} from './layer.ts'
import { Workspace } from './workspace.ts'

interface Buffers {
  out: Batch3
  /** The ids of the last forward: the caller may change its own tensor before backward. */
  ids: TokenBatch
}

export class TimeEmbedding implements Layer {
  readonly params: [W: Weights]
  readonly grads: [dW: Weights]
  readonly #workspace: Workspace<Buffers>
  readonly #readings: Workspace<Batch3>
  #cache?: Buffers

  /** @param W [V, D] */
  constructor(W: Weights) {
    checkTensor('TimeEmbedding', 'W', W, 'float32')
    if (W.rank !== 2) throw rangeError('TimeEmbedding', 'W', 'a matrix [V, D]', W.shape)
    this.params = [W]
    this.grads = [zerosLike(W)]
    this.#workspace = new Workspace((N, T) => ({
      out: Tensor.fixed([N, T, W.shape[1]]),
      ids: Tensor.fixed([N, T], 'int32'),
    }))
    this.#readings = new Workspace((N, T) => Tensor.fixed([N, T, W.shape[1]]))
  }

  /** @param xs int32 [N, T], ids 0 … V − 1  @returns [N, T, D], a buffer that the next forward of this shape overwrites */
  forward(xs: TokenBatch): Batch3 {
    checkTokens('TimeEmbedding.forward', xs)
    const [N, T] = xs.shape
    const buffers = this.#workspace.for(N, T)
    gatherRows('TimeEmbedding.forward', this.params[0], contiguous(xs), buffers.out)
    buffers.ids.copyFrom(xs)
    this.#cache = buffers
    return buffers.out
  }

  /** The same; does not change the values that the last forward kept for `backward`, and writes buffers of its own. */
  read(xs: TokenBatch): Batch3 {
    checkTokens('TimeEmbedding.read', xs)
    const out = this.#readings.for(...xs.shape)
    gatherRows('TimeEmbedding.read', this.params[0], contiguous(xs), out)
    return out
  }

  /**
   * @param dout [N, T, D]
   * @param options `accumulate`: add to what the gradient of W holds, which another layer has written (tied weights)
   * @returns null: token ids have no gradient
   */
  backward(dout: Batch3, options: { accumulate?: boolean } = {}): null {
    const { out, ids } = requireForward('TimeEmbedding.backward', this.#cache)
    checkGradient('TimeEmbedding.backward', 'dout', dout, out.shape)
    const [dW] = this.grads
    if (!options.accumulate) dW.fill(0)
    scatterAddRows('TimeEmbedding.backward', dW, ids, contiguous(dout))
    return null
  }
}

function checkTokens(operation: string, xs: TokenBatch): void {
  checkInput(operation, 'xs', xs, 'int32', [
    ['N', null],
    ['T', null],
  ])
}
