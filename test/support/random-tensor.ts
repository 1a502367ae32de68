/** Normally distributed numbers for tests, the same for the same seed; on request some are special ones. */
import { Random, type Shape, Tensor } from '../../src/tensor/index.ts'
import { SPECIALS } from './floats.ts'

export function randomTensor(shape: Shape, seed: number, withSpecials = false): Tensor {
  const rng = new Random(seed)
  const tensor = Tensor.randn([...shape], { rng })
  if (withSpecials) {
    tensor.data.forEach((_, i) => {
      if (rng.integer(3) === 0) tensor.data[i] = SPECIALS[rng.integer(SPECIALS.length)]!
    })
  }
  return tensor as Tensor
}

/** Lengths around every vector width (1, 4, 8, 16) and a few vectors of each. */
export const LENGTHS = [0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 67]
