/** Trained recurrent layers with parameters Wx, Wh and b, for reading only: a packed copy of their weights. */
import type { CompactMatrix, PackedMatrix, Tensor } from '../tensor/index.ts'
import type { Bias, Weights } from './layer.ts'
import { type ForwardBlock, RecurrentReader, type RecurrentSizes } from './recurrent-reader.ts'
import { freezeWeights, type RightOperand, type WeightFormat } from './right-operand.ts'

/** The weights that the steps of a block multiply by; Wh may be split by columns. */
export interface RecurrentOperands {
  Wx: RightOperand
  b: Bias
  Wh: readonly RightOperand[]
}

/** Makes the steps of a block; `operands` is called at the beginning of each run. */
export type MakeForward = (N: number, T: number, H: number, operands: () => RecurrentOperands) => ForwardBlock

export interface FrozenLayer extends RecurrentReader {
  /** The size of the weights. */
  readonly byteLength: number
  /** Takes over the parameters of the layer it was made from, which must have the same shapes. */
  update(params: readonly Tensor[]): void
}

export type FreezeLayer = (
  params: readonly Tensor[],
  state: Readonly<Record<string, number>>,
  format: WeightFormat,
) => FrozenLayer

class FrozenRecurrent extends RecurrentReader implements FrozenLayer {
  readonly #split: (Wh: Weights) => Weights[]
  readonly #Wx: PackedMatrix | CompactMatrix
  readonly #Wh: readonly (PackedMatrix | CompactMatrix)[]
  readonly #b: Bias

  constructor(
    [Wx, Wh, b]: readonly [Wx: Weights, Wh: Weights, b: Bias],
    sizes: RecurrentSizes,
    format: WeightFormat,
    makeForward: MakeForward,
    split: (Wh: Weights) => Weights[],
  ) {
    super('FrozenLayer', sizes, (N, T) =>
      makeForward(N, T, Wh.shape[0], () => ({ Wx: this.#Wx, b: this.#b, Wh: this.#Wh })),
    )
    this.#split = split
    this.#Wx = freezeWeights(Wx, format)
    this.#Wh = split(Wh).map((part) => freezeWeights(part, format))
    this.#b = b.clone()
  }

  get byteLength(): number {
    return this.#Wh.reduce((sum, { byteLength }) => sum + byteLength, this.#Wx.byteLength)
  }

  update([Wx, Wh, b]: readonly Tensor[]): void {
    this.#Wx.pack(Wx!)
    this.#split(Wh as Weights).forEach((part, i) => {
      this.#Wh[i]!.pack(part)
    })
    this.#b.copyFrom(b as Bias)
  }
}

/** How to freeze the layers of a cell, whose steps may multiply by parts of Wh. */
export function freezeWith(
  makeForward: MakeForward,
  split: (Wh: Weights) => Weights[] = (Wh) => [Wh],
): FreezeLayer {
  return (params, state, format) => {
    const weights = params as [Weights, Weights, Bias]
    return new FrozenRecurrent(weights, { input: weights[0].shape[0], state }, format, makeForward, split)
  }
}
