/** The hyperbolic tangent of every element: out = tanh(xs), dxs = dout · (1 − out²). Memory: 2·N·T·H floats, allocated once per [N, T]. */
import { contiguous, Tensor, tanh, tanhGradient } from '../tensor/index.ts'
import { type Batch3, checkGradient, checkInput, type FeedForwardLayer, requireForward } from './layer.ts'
import { Workspace } from './workspace.ts'

interface Buffers {
  out: Batch3
  dxs: Batch3
}

export class TimeTanh implements FeedForwardLayer {
  readonly params: [] = []
  readonly grads: [] = []
  readonly #size: number
  readonly #workspace: Workspace<Buffers>
  readonly #readings: Workspace<Batch3>
  #cache?: Buffers

  /** @param size H */
  constructor(size: number) {
    this.#size = size
    this.#workspace = new Workspace((N, T) => ({
      out: Tensor.fixed([N, T, size]),
      dxs: Tensor.fixed([N, T, size]),
    }))
    this.#readings = new Workspace((N, T) => Tensor.fixed([N, T, size]))
  }

  /** @param xs [N, T, H]  @returns [N, T, H], a buffer that the next forward of this shape overwrites */
  forward(xs: Batch3): Batch3 {
    this.#check('forward', xs)
    const buffers = this.#workspace.for(xs.shape[0], xs.shape[1])
    tanh(contiguous(xs), { out: buffers.out })
    this.#cache = buffers
    return buffers.out
  }

  read(xs: Batch3): Batch3 {
    this.#check('read', xs)
    const out = this.#readings.for(xs.shape[0], xs.shape[1])
    tanh(contiguous(xs), { out })
    return out
  }

  #check(method: string, xs: Batch3): void {
    checkInput(`TimeTanh.${method}`, 'xs', xs, 'float32', [
      ['N', null],
      ['T', null],
      ['H', this.#size],
    ])
  }

  /** @param dout [N, T, H]  @returns dxs [N, T, H], a buffer like that of forward */
  backward(dout: Batch3): Batch3 {
    const { out, dxs } = requireForward('TimeTanh.backward', this.#cache)
    checkGradient('TimeTanh.backward', 'dout', dout, out.shape)
    tanhGradient(contiguous(dout), out, { out: dxs })
    return dxs
  }
}
