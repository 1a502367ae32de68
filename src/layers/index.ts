/** The book's layers: pure TypeScript over tensors. */
export type { Batch2, Batch3, Bias, Layer, StatefulLayer, TokenBatch, Weights } from './layer.ts'
export { RNN } from './rnn.ts'
export { TimeAffine } from './time-affine.ts'
export { TimeAffineWithLoss } from './time-affine-with-loss.ts'
export { TimeEmbedding } from './time-embedding.ts'
export { TimeRNN } from './time-rnn.ts'
export { TimeSoftmaxWithLoss } from './time-softmax-with-loss.ts'
