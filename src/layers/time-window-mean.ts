/**
 * The mean of the vectors of n consecutive steps; their order is lost:
 *
 *     out[:, t] = 1/n Σ xs[:, t+j], j = 0 … n − 1        xs [N, n−1+T, D], out [N, T, D]
 *
 * Memory: N·T·D + N·(n−1+T)·D floats, allocated once per [N, T].
 */
import { axpy, contiguous } from '../tensor/index.ts'
import type { Batch3, Weights } from './layer.ts'
import { WindowLayer } from './window-layer.ts'

export class TimeWindowMean extends WindowLayer {
  /** @param window n  @param size D */
  constructor(window: number, size: number) {
    super('TimeWindowMean', window, size, (_, size) => size)
  }

  protected compute(rows: Weights, out: Batch3): void {
    const [N, T, D] = out.shape
    const outRows = out.reshape([N, T * D])
    out.fill(0)
    for (let j = 0; j < this.window; j++) axpy(1 / this.window, this.#stepsFrom(rows, j, T), outRows)
  }

  protected addGradient(dout: Batch3, dxRows: Weights): void {
    const [N, T, D] = dout.shape
    const doutRows = contiguous(dout).reshape([N, T * D])
    for (let j = 0; j < this.window; j++) axpy(1 / this.window, doutRows, this.#stepsFrom(dxRows, j, T))
  }

  /** Of rows [N, (n − 1 + T)·D], the view [N, T·D] that begins at step j. */
  #stepsFrom(rows: Weights, j: number, T: number): Weights {
    return rows.slice(1, j * this.size, (j + T) * this.size)
  }
}
