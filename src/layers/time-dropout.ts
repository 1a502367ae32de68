/**
 * Inverted dropout (Srivastava et al. 2014; "Deep Learning from Scratch 2", ch. 6.5.2): out = xs · mask and dxs = dout
 * · mask, with a new random mask for every element and step. The mask is 0 with probability `ratio`, otherwise 1 / (1 −
 * ratio). With `training` off, the input is returned unchanged. Memory: 3·N·T·H floats, allocated once per [N, T].
 */
import { checkOptions } from '../checks.ts'
import { typeError } from '../errors.ts'
import { mul, Random, Tensor } from '../tensor/index.ts'
import { checkDropoutRatio, dropoutMask } from '../tensor/ops/dropout.ts'
import { type Batch3, checkGradient, checkInput, type FeedForwardLayer, requireForward } from './layer.ts'
import { Workspace } from './workspace.ts'

interface Buffers {
  mask: Batch3
  out: Batch3
  dxs: Batch3
}

/** The random generator of layers without their own. */
const sharedRandom = new Random()

export class TimeDropout implements FeedForwardLayer {
  readonly params: [] = []
  readonly grads: [] = []
  readonly ratio: number
  readonly rng: Random
  training = true
  readonly #workspaces = new Map<number, Workspace<Buffers>>()
  /** Values of the last forward; without buffers if it returned its input. */
  #cache?: { like: Batch3; buffers: Buffers | null }

  /**
   * @param ratio dropout probability, in [0, 1)
   * @param options `rng`: the random generator of the masks; layers that share one draw different masks
   */
  constructor(ratio = 0.5, options: { rng?: Random } = {}) {
    const { rng = sharedRandom } = checkOptions('TimeDropout', options, ['rng'])
    this.ratio = checkDropoutRatio('TimeDropout', 'ratio', ratio)
    if (!(rng instanceof Random)) throw typeError('TimeDropout', 'rng', 'a Random', rng)
    this.rng = rng
  }

  /** @param xs [N, T, H]  @returns [N, T, H]: a buffer that the next forward of this shape overwrites, or xs itself */
  forward(xs: Batch3): Batch3 {
    checkInput('TimeDropout.forward', 'xs', xs, 'float32', [
      ['N', null],
      ['T', null],
      ['H', null],
    ])
    if (!this.training || this.ratio === 0) {
      this.#cache = { like: xs, buffers: null }
      return xs
    }
    const buffers = this.#buffersFor(xs)
    this.#cache = { like: xs, buffers }
    dropoutMask(this.rng, this.ratio, buffers.mask)
    mul(xs, buffers.mask, { out: buffers.out })
    return buffers.out
  }

  /** Reading applies no dropout. */
  read(xs: Batch3): Batch3 {
    return xs
  }

  /** @param dout [N, T, H]  @returns dxs [N, T, H], a buffer like that of forward, or dout itself */
  backward(dout: Batch3): Batch3 {
    const { like, buffers } = requireForward('TimeDropout.backward', this.#cache)
    checkGradient('TimeDropout.backward', 'dout', dout, like.shape)
    if (!buffers) return dout
    mul(dout, buffers.mask, { out: buffers.dxs })
    return buffers.dxs
  }

  #buffersFor(xs: Batch3): Buffers {
    const [N, T, H] = xs.shape
    let workspace = this.#workspaces.get(H)
    if (!workspace) {
      workspace = new Workspace((N, T) => ({
        mask: Tensor.fixed([N, T, H]),
        out: Tensor.fixed([N, T, H]),
        dxs: Tensor.fixed([N, T, H]),
      }))
      this.#workspaces.set(H, workspace)
    }
    return workspace.for(N, T)
  }
}
