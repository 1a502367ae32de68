/**
 * The mean of the vectors of n consecutive steps; their order is lost:
 *
 *     out[:, t] = 1/n Σ xs[:, t+j], j = 0 … n − 1        xs [N, n−1+T, D], out [N, T, D]
 *
 * Memory: N·T·D + N·(n−1+T)·D floats, allocated once per [N, T].
 */
import { checkInteger } from '../checks.ts'
import { axpy, contiguous, Tensor } from '../tensor/index.ts'
import { type Batch3, checkGradient, type FeedForwardLayer, requireForward, type Weights } from './layer.ts'
import { checkWindows } from './windows.ts'
import { Workspace } from './workspace.ts'

interface Buffers {
  out: Batch3
  outRows: Weights
  dxs: Batch3
  dxRows: Weights
}

export class TimeWindowMean implements FeedForwardLayer {
  readonly params: [] = []
  readonly grads: [] = []
  readonly #window: number
  readonly #size: number
  readonly #workspace: Workspace<Buffers>
  readonly #readings: Workspace<Batch3>
  #cache?: Buffers

  /** @param window n  @param size D */
  constructor(window: number, size: number) {
    this.#window = checkInteger('TimeWindowMean', 'window', window)
    this.#size = checkInteger('TimeWindowMean', 'size', size)
    this.#workspace = new Workspace((N, T) => {
      const length = window - 1 + T
      const out = Tensor.fixed([N, T, size])
      const dxs = Tensor.fixed([N, length, size])
      return {
        out,
        outRows: out.reshape([N, T * size]),
        dxs,
        dxRows: dxs.reshape([N, length * size]),
      }
    })
    this.#readings = new Workspace((N, T) => Tensor.fixed([N, T, size]))
  }

  /** @param xs [N, n − 1 + T, D]  @returns [N, T, D], a buffer that the next forward of this shape overwrites */
  forward(xs: Batch3): Batch3 {
    const [N, T] = checkWindows('TimeWindowMean.forward', xs, this.#window, this.#size)
    const buffers = this.#workspace.for(N, T)
    this.#average(xs, buffers.out)
    this.#cache = buffers
    return buffers.out
  }

  read(xs: Batch3): Batch3 {
    const out = this.#readings.for(...checkWindows('TimeWindowMean.read', xs, this.#window, this.#size))
    this.#average(xs, out)
    return out
  }

  #average(xs: Batch3, out: Batch3): void {
    const [N, length, D] = xs.shape
    const T = out.shape[1]
    const rows = contiguous(xs).reshape([N, length * D])
    const outRows = out.reshape([N, T * D])
    out.fill(0)
    for (let j = 0; j < this.#window; j++) axpy(1 / this.#window, this.#stepsFrom(rows, j, T), outRows)
  }

  /** @param dout [N, T, D]  @returns dxs [N, n − 1 + T, D], a buffer like that of forward */
  backward(dout: Batch3): Batch3 {
    const { out, outRows, dxs, dxRows } = requireForward('TimeWindowMean.backward', this.#cache)
    checkGradient('TimeWindowMean.backward', 'dout', dout, out.shape)
    const doutRows = contiguous(dout).reshape(outRows.shape)
    dxs.fill(0)
    for (let j = 0; j < this.#window; j++)
      axpy(1 / this.#window, doutRows, this.#stepsFrom(dxRows, j, out.shape[1]))
    return dxs
  }

  /** Of rows [N, (n − 1 + T)·D], the view [N, T·D] that begins at step j. */
  #stepsFrom(rows: Weights, j: number, T: number): Weights {
    return rows.slice(1, j * this.#size, (j + T) * this.#size)
  }
}
