/** The layers that a model is composed of. */
import type {
  FeedForwardLayer,
  LossHead,
  RecurrentLayer,
  TimeEmbedding,
  TokenHistory,
} from '../layers/index.ts'

/** A layer between word vectors and the head. */
export type HiddenLayer = (FeedForwardLayer | RecurrentLayer) & { training?: boolean }

/** The layers of a model. */
export interface ModelLayers {
  /** Puts the tokens before a block in front of it, for models that see a window. */
  history?: TokenHistory
  embedding: TimeEmbedding
  /** In order, from the embedding to the head. */
  hidden: readonly HiddenLayer[]
  head: LossHead
}

export function isRecurrent<L extends object>(layer: L): layer is Extract<L, { zeroState: unknown }> {
  return 'zeroState' in layer
}
