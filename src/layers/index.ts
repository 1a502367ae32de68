/** The book's layers: pure TypeScript over tensors. */

export type { FreezeLayer, FrozenLayer } from './frozen-recurrent.ts'
export { GRU } from './gru.ts'
export type {
  Batch2,
  Batch3,
  Bias,
  FeedForwardLayer,
  Layer,
  LayerState,
  RecurrentLayer,
  StatefulLayer,
  TokenBatch,
  Weights,
} from './layer.ts'
export {
  type FrozenHead,
  IGNORED,
  type LogProbs,
  type LossHead,
  type ReadableHead,
  type TargetLosses,
} from './loss-head.ts'
export { LSTM } from './lstm.ts'
export { WEIGHT_FORMATS, type WeightFormat } from './right-operand.ts'
export { RNN } from './rnn.ts'
export { SentenceStarts } from './sentence-starts.ts'
export { SoftmaxHead, TiedSoftmaxHead } from './softmax-head.ts'
export { TimeAffine } from './time-affine.ts'
export { TimeDropout } from './time-dropout.ts'
export { TimeEmbedding } from './time-embedding.ts'
export { freezeGRU, TimeGRU } from './time-gru.ts'
export { freezeLSTM, TimeLSTM } from './time-lstm.ts'
export type { TimeRecurrent, TimeRecurrentOptions } from './time-recurrent.ts'
export { freezeRNN, TimeRNN } from './time-rnn.ts'
export { TimeSoftmaxWithLoss } from './time-softmax-with-loss.ts'
export { TimeTanh } from './time-tanh.ts'
export { TimeWindow } from './time-window.ts'
export { TimeWindowMean } from './time-window-mean.ts'
export { TokenHistory } from './token-history.ts'
export { Workspace } from './workspace.ts'
