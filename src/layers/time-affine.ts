/**
 * The same affine map at every step: out[n, t] = xs[n, t]·W + b ("Deep Learning from Scratch 2", ch. 5.4), one matmul
 * over all N·T rows. Memory: N·T·(V + H) floats, allocated once per [N, T].
 */
import { checkOptions } from '../checks.ts'
import { rangeError } from '../errors.ts'
import { contiguous, matmul, sum, Tensor } from '../tensor/index.ts'
import { checkTensor, checkTensorShape } from '../tensor/ops/operands.ts'
import {
  type Batch3,
  type Bias,
  checkGradient,
  checkInput,
  type FeedForwardLayer,
  requireForward,
  type Weights,
  zerosLike,
} from './layer.ts'
import { Workspace } from './workspace.ts'

interface Buffers {
  out: Batch3
  outRows: Weights
  dxs: Batch3
  dxRows: Weights
}

export class TimeAffine implements FeedForwardLayer {
  readonly params: [W: Weights, b: Bias]
  readonly grads: [dW: Weights, db: Bias]
  readonly #workspace: Workspace<Buffers>
  readonly #readings: Workspace<{ out: Batch3; outRows: Weights }>
  #cache?: { xRows: Weights; buffers: Buffers }

  /**
   * @param W [H, V]  @param b [V]
   * @param options `dW`: where the gradient of W goes. Weights that are tied to an embedding [V, H] are the transposes of
   * its W and dW.
   */
  constructor(W: Weights, b: Bias, options: { dW?: Weights } = {}) {
    checkTensor('TimeAffine', 'W', W, 'float32')
    checkTensor('TimeAffine', 'b', b, 'float32')
    if (W.rank !== 2) throw rangeError('TimeAffine', 'W', 'a matrix [H, V]', W.shape)
    checkTensorShape('TimeAffine', 'b', b, [W.shape[1]])
    this.params = [W, b]
    const { dW = zerosLike(W) } = checkOptions('TimeAffine', options, ['dW'])
    checkTensor('TimeAffine', 'dW', dW, 'float32')
    checkTensorShape('TimeAffine', 'dW', dW, W.shape)
    this.grads = [dW, zerosLike(b)]
    this.#workspace = new Workspace((N, T) => makeBuffers(N, T, W.shape[0], W.shape[1]))
    this.#readings = new Workspace((N, T) => makeOutput(N, T, W.shape[1]))
  }

  /** @param xs [N, T, H]  @returns [N, T, V], a buffer that the next forward of this shape overwrites */
  forward(xs: Batch3): Batch3 {
    this.#check('forward', xs)
    const buffers = this.#workspace.for(xs.shape[0], xs.shape[1])
    this.#cache = { xRows: this.#map(xs, buffers.outRows), buffers }
    return buffers.out
  }

  read(xs: Batch3): Batch3 {
    this.#check('read', xs)
    const { out, outRows } = this.#readings.for(xs.shape[0], xs.shape[1])
    this.#map(xs, outRows)
    return out
  }

  #check(method: string, xs: Batch3): void {
    checkInput(`TimeAffine.${method}`, 'xs', xs, 'float32', [
      ['N', null],
      ['T', null],
      ['H', this.params[0].shape[0]],
    ])
  }

  /** Writes xs·W + b to `out`, and returns xs as a matrix of N·T rows. */
  #map(xs: Batch3, out: Weights): Weights {
    const [W, b] = this.params
    const [N, T, H] = xs.shape
    const xRows = contiguous(xs).reshape([N * T, H])
    matmul(xRows, W, { out, bias: b })
    return xRows
  }

  /** @param dout [N, T, V]  @returns dxs [N, T, H], a buffer like that of forward; writes the gradients of the weights to `grads` */
  backward(dout: Batch3): Batch3 {
    const { xRows, buffers } = requireForward('TimeAffine.backward', this.#cache)
    checkGradient('TimeAffine.backward', 'dout', dout, buffers.out.shape)
    const [W] = this.params
    const [dW, db] = this.grads
    const doutRows = contiguous(dout).reshape(buffers.outRows.shape)
    matmul(xRows, doutRows, { transA: true, out: dW })
    sum(doutRows, 0, { out: db })
    matmul(doutRows, W, { transB: true, out: buffers.dxRows })
    return buffers.dxs
  }
}

function makeBuffers(N: number, T: number, H: number, V: number): Buffers {
  const dxs = Tensor.fixed([N, T, H])
  return { ...makeOutput(N, T, V), dxs, dxRows: dxs.reshape([N * T, H]) }
}

function makeOutput(N: number, T: number, V: number) {
  const out = Tensor.fixed([N, T, V])
  return { out, outRows: out.reshape([N * T, V]) }
}
