/**
 * The base class of window models, the predecessors of recurrent models: the next word is predicted from the n previous
 * words only.
 *
 *     xs [N, T] → TokenHistory [N, n−1+T] → TimeEmbedding [V+1, D] → hidden layers over windows [H] → TimeAffine [H, V] → loss
 *
 * The state is the last n − 1 words of each stream. The beginning of a stream is padded with n − 1 start tokens, whose
 * vector is the last row of the embedding. Gradients reach every word of a window, including those of the previous
 * block.
 */
import { TokenHistory } from '../layers/index.ts'
import type { Random } from '../tensor/index.ts'
import { LayeredModel } from './layered-model.ts'
import type { ModelLayers } from './model-layers.ts'

export interface WindowOptions {
  /** n: the number of previous words in the window; defaults to 10. */
  window?: number
  /** Random seed for initial values. The same seed gives the same numbers on every machine. */
  seed?: number | bigint
}

export const DEFAULT_WINDOW = 10

export abstract class WindowModel extends LayeredModel {
  /** n: the number of previous words in the window. */
  readonly window: number

  protected constructor(layers: ModelLayers, window: number, rng: Random) {
    super({ ...layers, history: new TokenHistory(window - 1, layers.head.vocabSize) }, rng)
    this.window = window
  }
}
