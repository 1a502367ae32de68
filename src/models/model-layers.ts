/** The layers that a model is composed of. */
import type {
  FeedForwardLayer,
  RecurrentLayer,
  TimeAffine,
  TimeEmbedding,
  TokenHistory,
} from '../layers/index.ts'

/** A layer between word vectors and scores. */
export type HiddenLayer = (FeedForwardLayer | RecurrentLayer) & { training?: boolean }

/** The layers of a model. */
export interface ModelLayers {
  /** Puts the tokens before a block in front of it, for models that see a window. */
  history?: TokenHistory
  embedding: TimeEmbedding
  /** In order, from the embedding to the affine layer. */
  hidden: readonly HiddenLayer[]
  affine: TimeAffine
}

export function isRecurrent<L extends object>(layer: L): layer is Extract<L, { zeroState: unknown }> {
  return 'zeroState' in layer
}
