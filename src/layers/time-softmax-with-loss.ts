/**
 * Softmax and cross-entropy at every step ("Deep Learning from Scratch 2", ch. 5.4): with p = softmax(xs[n, t]),
 *
 *     loss = −1/C Σ log p[ts[n, t]],    dxs[n, t] = dout / C · (p − one-hot(ts[n, t]))
 *
 * over the C targets that are not `ignoreLabel`. Forward computes the loss and, in the same pass over a row, the gradient
 * for dout = 1; backward hands it on. Memory: N·T·V floats, allocated once per shape, and as many again for another dout. With
 * `training` off, forward gives the loss alone and needs N·T numbers.
 */
import { checkInteger, checkNumber, checkOptions } from '../checks.ts'
import { stateError } from '../errors.ts'
import {
  contiguous,
  countTargets,
  crossEntropy,
  crossEntropyWithGradient,
  fixedDoubles,
  Scalar,
  scale,
  Tensor,
} from '../tensor/index.ts'
import { type Batch2, type Batch3, checkInput, type Layer, type TokenBatch } from './layer.ts'
import { IGNORED } from './loss-head.ts'
import { Workspace } from './workspace.ts'

export class TimeSoftmaxWithLoss implements Layer {
  readonly params: [] = []
  readonly grads: [] = []
  readonly ignoreLabel: number
  training = true
  readonly #loss = { sum: new Scalar(), counted: new Scalar() }
  /** One for each row. */
  readonly #losses = new Workspace((N, T) => fixedDoubles(N * T))
  /** The gradient for dout = 1, and what backward gives for another. */
  readonly #unscaled = new Workspace<Batch2>((rows, V) => Tensor.fixed([rows, V]))
  readonly #scaled = new Workspace<Batch2>((rows, V) => Tensor.fixed([rows, V]))
  /** What forward left for backward. */
  #gradient?: Batch3 | undefined

  /** @param options `ignoreLabel`: the target that does not count */
  constructor(options: { ignoreLabel?: number } = {}) {
    const { ignoreLabel = IGNORED } = checkOptions('TimeSoftmaxWithLoss', options, ['ignoreLabel'])
    this.ignoreLabel = checkInteger(
      'TimeSoftmaxWithLoss',
      'ignoreLabel',
      ignoreLabel,
      -(2 ** 31),
      2 ** 31 - 1,
    )
  }

  /** How many targets counted in the last forward. */
  get counted(): number {
    return this.#loss.counted.value
  }

  /**
   * @param xs scores [N, T, V]
   * @param ts int32 [N, T], classes 0 … V − 1 or `ignoreLabel`
   * @returns the mean loss in nats over the targets that count; NaN where none does
   */
  forward(xs: Batch3, ts: TokenBatch): number {
    const name = 'TimeSoftmaxWithLoss.forward'
    checkInput(name, 'xs', xs, 'float32', [
      ['N', null],
      ['T', null],
      ['V', null],
    ])
    const [N, T, V] = xs.shape
    checkInput(name, 'ts', ts, 'int32', [
      ['N', N],
      ['T', T],
    ])
    const { ignoreLabel } = this
    const scores = contiguous(xs)
    const targets = contiguous(ts)
    const losses = this.#losses.for(N, T)
    this.#gradient = undefined
    countTargets(name, targets, V, ignoreLabel, this.#loss)
    if (this.training) {
      const gradient = this.#unscaled.for(N * T, V).reshape(xs.shape)
      crossEntropyWithGradient(name, scores, targets, ignoreLabel, losses, this.#loss, gradient)
      this.#gradient = gradient
    } else {
      crossEntropy(name, scores, targets, ignoreLabel, losses, this.#loss)
    }
    return this.#loss.sum.value / this.counted
  }

  /**
   * @param dout the gradient of the loss
   * @returns dxs [N, T, V], a buffer that the next forward of this shape, or the next backward, writes again
   */
  backward(dout = 1): Batch3 {
    const unscaled = this.#gradient
    if (!unscaled) throw stateError('TimeSoftmaxWithLoss.backward', 'call forward first, with training on')
    checkNumber('TimeSoftmaxWithLoss.backward', 'dout', dout)
    if (dout === 1) return unscaled
    const [N, T, V] = unscaled.shape
    return scale(unscaled, dout, { out: this.#scaled.for(N * T, V).reshape(unscaled.shape) })
  }
}
