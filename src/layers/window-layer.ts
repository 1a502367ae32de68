/**
 * Layers without parameters that compute a vector from each window of n consecutive steps: xs [N, n − 1 + T, D] has T
 * windows, so the output is [N, T, columns]. Such a layer adds what it computes from a window, and the gradient.
 */
import { checkInteger } from '../checks.ts'
import { rangeError } from '../errors.ts'
import { contiguous, Tensor } from '../tensor/index.ts'
import {
  type Batch3,
  checkGradient,
  checkInput,
  type FeedForwardLayer,
  requireForward,
  type Weights,
} from './layer.ts'
import { Workspace } from './workspace.ts'

interface Buffers {
  out: Batch3
  dxs: Batch3
  dxRows: Weights
}

export abstract class WindowLayer implements FeedForwardLayer {
  readonly params: [] = []
  readonly grads: [] = []
  protected readonly window: number
  protected readonly size: number
  readonly #name: string
  readonly #workspace: Workspace<Buffers>
  readonly #readings: Workspace<Batch3>
  #cache?: Buffers

  /** @param window n  @param size D  @param columns of the output, from the checked window and size */
  protected constructor(
    name: string,
    window: number,
    size: number,
    columns: (window: number, size: number) => number,
  ) {
    this.window = checkInteger(name, 'window', window)
    this.size = checkInteger(name, 'size', size)
    this.#name = name
    const makeOut = (N: number, T: number): Batch3 => Tensor.fixed([N, T, columns(window, size)])
    this.#workspace = new Workspace((N, T) => {
      const length = window - 1 + T
      const dxs = Tensor.fixed([N, length, size])
      return { out: makeOut(N, T), dxs, dxRows: dxs.reshape([N, length * size]) }
    })
    this.#readings = new Workspace(makeOut)
  }

  /** Writes the output of all windows. @param rows the input, [N, (n − 1 + T)·D]  @param out [N, T, columns] */
  protected abstract compute(rows: Weights, out: Batch3): void

  /** Adds the gradient of the input to `dxRows`. @param dout [N, T, columns]  @param dxRows [N, (n − 1 + T)·D] */
  protected abstract addGradient(dout: Batch3, dxRows: Weights): void

  /** @param xs [N, n − 1 + T, D]  @returns [N, T, columns], a buffer that the next forward of this shape overwrites */
  forward(xs: Batch3): Batch3 {
    const [N, T] = this.#check('forward', xs)
    const buffers = this.#workspace.for(N, T)
    this.compute(rowsOf(xs), buffers.out)
    this.#cache = buffers
    return buffers.out
  }

  read(xs: Batch3): Batch3 {
    const [N, T] = this.#check('read', xs)
    const out = this.#readings.for(N, T)
    this.compute(rowsOf(xs), out)
    return out
  }

  /** @param dout [N, T, columns]  @returns dxs [N, n − 1 + T, D], a buffer like that of forward */
  backward(dout: Batch3): Batch3 {
    const operation = `${this.#name}.backward`
    const { out, dxs, dxRows } = requireForward(operation, this.#cache)
    checkGradient(operation, 'dout', dout, out.shape)
    dxs.fill(0)
    this.addGradient(dout, dxRows)
    return dxs
  }

  /** Checks xs and returns the numbers of streams and of windows. */
  #check(method: string, xs: Batch3): [N: number, T: number] {
    const operation = `${this.#name}.${method}`
    checkInput(operation, 'xs', xs, 'float32', [
      ['N', null],
      ['steps', null],
      ['D', this.size],
    ])
    const [N, steps] = xs.shape
    if (steps < this.window)
      throw rangeError(operation, 'xs', `at least ${this.window} steps, the length of a window`, xs.shape)
    return [N, steps - this.window + 1]
  }
}

/** xs [N, steps, D] as a matrix [N, steps·D]. */
function rowsOf(xs: Batch3): Weights {
  const [N, steps, D] = xs.shape
  return contiguous(xs).reshape([N, steps * D])
}
