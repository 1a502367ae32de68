/**
 * Softmax and cross-entropy at every step ("Deep Learning from Scratch 2", ch. 5.4): with p = softmax(xs[n, t]),
 *
 *     loss = −1/C Σ log p[ts[n, t]],    dxs[n, t] = dout / C · (p − one-hot(ts[n, t]))
 *
 * over the C targets that are not `ignoreLabel`. Forward keeps two numbers a row (the maximum and the sum of
 * exponentials) and no probabilities, so that evaluating costs no N·T·V floats; backward computes them again from xs.
 */
import { checkInteger, checkNumber } from '../errors.ts'
import {
  countTargets,
  crossEntropy,
  crossEntropyGradient,
  type Normalizers,
  Tensor,
} from '../tensor/index.ts'
import { type Batch3, checkInput, contiguous, type Layer, requireForward, type TokenBatch } from './layer.ts'
import { Workspace } from './workspace.ts'

interface Cache {
  xs: Batch3
  ts: TokenBatch
  normalizers: Normalizers
}

export class TimeSoftmaxWithLoss implements Layer {
  readonly params: [] = []
  readonly grads: [] = []
  readonly ignoreLabel: number
  readonly #normalizers = new Workspace<Normalizers>((N, T) => Tensor.zeros([N * T, 2]))
  readonly #targets = new Workspace<TokenBatch>((N, T) => Tensor.zeros([N, T], 'int32'))
  /** Of the last forward: the summed loss, and how many targets counted. */
  readonly result = new Float64Array(2)
  #dxs?: Batch3
  #cache?: Cache

  /** @param options `ignoreLabel`: the target that does not count */
  constructor(options: { ignoreLabel?: number } = {}) {
    this.ignoreLabel = checkInteger(
      'TimeSoftmaxWithLoss',
      'ignoreLabel',
      options.ignoreLabel ?? -1,
      -(2 ** 31),
      2 ** 31 - 1,
    )
  }

  /** How many targets counted in the last forward. */
  get counted(): number {
    return this.result[1]!
  }

  /** The mean loss of the last forward, in nats. */
  get loss(): number {
    return this.result[0]! / this.counted
  }

  /**
   * @param xs scores [N, T, V], which must stay as they are until backward
   * @param ts int32 [N, T], classes 0 … V − 1 or `ignoreLabel`
   * @returns the mean loss in nats over the targets that count; NaN where none does
   */
  forward(xs: Batch3, ts: TokenBatch): number {
    checkInput('TimeSoftmaxWithLoss.forward', 'xs', xs, 'float32', [
      ['N', null],
      ['T', null],
      ['V', null],
    ])
    const [N, T] = xs.shape
    checkInput('TimeSoftmaxWithLoss.forward', 'ts', ts, 'int32', [
      ['N', N],
      ['T', T],
    ])
    const cache = {
      xs: contiguous(xs),
      ts: this.#targets.for(N, T).copyFrom(ts),
      normalizers: this.#normalizers.for(N, T),
    }
    countTargets('TimeSoftmaxWithLoss.forward', cache.ts, xs.shape[2], this.ignoreLabel, this.result)
    crossEntropy(
      'TimeSoftmaxWithLoss.forward',
      cache.xs,
      cache.ts,
      this.ignoreLabel,
      cache.normalizers,
      this.result,
    )
    this.#cache = cache
    return this.loss
  }

  /** @param dout the gradient of the loss  @returns dxs [N, T, V], a buffer that the next backward of this shape writes again */
  backward(dout = 1): Batch3 {
    const { xs, ts, normalizers } = requireForward('TimeSoftmaxWithLoss.backward', this.#cache)
    checkNumber('TimeSoftmaxWithLoss.backward', 'dout', dout)
    if (!this.#dxs || this.#dxs.size !== xs.size) this.#dxs = Tensor.zeros(xs.shape) as Batch3
    const dxs = this.#dxs.reshape(xs.shape)
    crossEntropyGradient(
      'TimeSoftmaxWithLoss.backward',
      xs,
      ts,
      this.ignoreLabel,
      normalizers,
      this.result,
      dout,
      dxs,
    )
    return dxs
  }
}
