/**
 * Concatenates the vectors of n consecutive steps:
 *
 *     out[:, t] = [xs[:, t], xs[:, t+1], …, xs[:, t+n−1]]        xs [N, n−1+T, D], out [N, T, n·D]
 *
 * The gradient of a vector is the sum over all windows that contain it. Memory: N·T·n·D + N·(n−1+T)·D floats, allocated
 * once per [N, T].
 */
import { axpy } from '../tensor/index.ts'
import type { Batch3, Weights } from './layer.ts'
import { WindowLayer } from './window-layer.ts'

export class TimeWindow extends WindowLayer {
  /** @param window n  @param size D */
  constructor(window: number, size: number) {
    super('TimeWindow', window, size, (window, size) => window * size)
  }

  protected compute(rows: Weights, out: Batch3): void {
    for (let t = 0; t < out.shape[1]; t++) out.select(1, t).copyFrom(this.#windowAt(rows, t))
  }

  protected addGradient(dout: Batch3, dxRows: Weights): void {
    for (let t = 0; t < dout.shape[1]; t++) axpy(1, dout.select(1, t), this.#windowAt(dxRows, t))
  }

  /** Of rows [N, (n − 1 + T)·D], the view [N, n·D] that begins at step t. */
  #windowAt(rows: Weights, t: number): Weights {
    return rows.slice(1, t * this.size, (t + this.window) * this.size)
  }
}
