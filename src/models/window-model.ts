/**
 * What the predecessors of recurrent models share: the next word is guessed from the n words to its left alone, the last
 * of which is the newest word read. Whatever was said before is out of sight.
 *
 *     xs [N, T] → TokenHistory [N, n−1+T] → TimeEmbedding [V+1, D] → hidden layers over windows [H] → TimeAffine [H, V] → loss
 *
 * The state is the last n − 1 words of each stream. Where a stream begins, a start word stands n − 1 times before the
 * first word; it has a vector of its own, the last row of the embedding. The gradient reaches every word of a window, in the
 * block before too.
 */
import { TokenHistory } from '../layers/index.ts'
import type { Random } from '../tensor/index.ts'
import { LayeredModel } from './layered-model.ts'
import type { ModelLayers } from './model-layers.ts'

export interface WindowOptions {
  /** n: how many words to the left are seen; 10. */
  window?: number
  /** Seed of the initial values; the same seed gives the same numbers on every machine. */
  seed?: number | bigint
}

export const DEFAULT_WINDOW = 10

export abstract class WindowModel extends LayeredModel {
  /** n: how many words to the left are seen. */
  readonly window: number

  protected constructor(layers: ModelLayers, window: number, rng: Random) {
    super({ ...layers, history: new TokenHistory(window - 1, layers.affine.params[0].shape[1]) }, rng)
    this.window = window
  }
}
