/**
 * Concatenates the vectors of n consecutive steps:
 *
 *     out[:, t] = [xs[:, t], xs[:, t+1], …, xs[:, t+n−1]]        xs [N, n−1+T, D], out [N, T, n·D]
 *
 * The gradient of a vector is the sum over all windows that contain it. Memory: N·T·n·D + N·(n−1+T)·D floats, allocated
 * once per [N, T].
 */
import { checkInteger } from '../checks.ts'
import { axpy, contiguous, Tensor } from '../tensor/index.ts'
import { type Batch3, checkGradient, type FeedForwardLayer, requireForward, type Weights } from './layer.ts'
import { checkWindows } from './windows.ts'
import { Workspace } from './workspace.ts'

interface Buffers {
  out: Batch3
  dxs: Batch3
  dxRows: Weights
}

export class TimeWindow implements FeedForwardLayer {
  readonly params: [] = []
  readonly grads: [] = []
  readonly #window: number
  readonly #size: number
  readonly #workspace: Workspace<Buffers>
  readonly #readings: Workspace<Batch3>
  #cache?: Buffers

  /** @param window n  @param size D */
  constructor(window: number, size: number) {
    this.#window = checkInteger('TimeWindow', 'window', window)
    this.#size = checkInteger('TimeWindow', 'size', size)
    this.#workspace = new Workspace((N, T) => {
      const length = window - 1 + T
      const dxs = Tensor.fixed([N, length, size])
      return { out: Tensor.fixed([N, T, window * size]), dxs, dxRows: dxs.reshape([N, length * size]) }
    })
    this.#readings = new Workspace((N, T) => Tensor.fixed([N, T, window * size]))
  }

  /** @param xs [N, n − 1 + T, D]  @returns [N, T, n·D], a buffer that the next forward of this shape overwrites */
  forward(xs: Batch3): Batch3 {
    const [N, T] = checkWindows('TimeWindow.forward', xs, this.#window, this.#size)
    const buffers = this.#workspace.for(N, T)
    this.#gather(xs, buffers.out)
    this.#cache = buffers
    return buffers.out
  }

  read(xs: Batch3): Batch3 {
    const out = this.#readings.for(...checkWindows('TimeWindow.read', xs, this.#window, this.#size))
    this.#gather(xs, out)
    return out
  }

  #gather(xs: Batch3, out: Batch3): void {
    const [N, length, D] = xs.shape
    const rows = contiguous(xs).reshape([N, length * D])
    for (let t = 0; t < out.shape[1]; t++) out.select(1, t).copyFrom(this.#windowAt(rows, t))
  }

  /** @param dout [N, T, n·D]  @returns dxs [N, n − 1 + T, D], a buffer like that of forward */
  backward(dout: Batch3): Batch3 {
    const { out, dxs, dxRows } = requireForward('TimeWindow.backward', this.#cache)
    checkGradient('TimeWindow.backward', 'dout', dout, out.shape)
    dxs.fill(0)
    for (let t = 0; t < out.shape[1]; t++) axpy(1, dout.select(1, t), this.#windowAt(dxRows, t))
    return dxs
  }

  /** Of rows [N, (n − 1 + T)·D], the view [N, n·D] that begins at step t. */
  #windowAt(rows: Weights, t: number): Weights {
    return rows.slice(1, t * this.#size, (t + this.#window) * this.#size)
  }
}
