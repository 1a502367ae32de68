/** rnnlm: recurrent language models, trained in Node at native speed. */
export { type BuiltinCorpus, generateCorpus } from './data/builtin/corpus.ts'
export { type PtbOptions, type PtbSplit, ptb } from './data/ptb.ts'
export { loadText, type TextCorpus } from './data/text.ts'
export {
  GRU,
  type Layer,
  LSTM,
  RNN,
  type StatefulLayer,
  TimeAffine,
  TimeAffineWithLoss,
  TimeDropout,
  TimeEmbedding,
  TimeGRU,
  TimeLSTM,
  TimeRNN,
  TimeSoftmaxWithLoss,
  type TokenBatch,
} from './layers/index.ts'
export {
  BetterRnnlm,
  type Cell,
  GruRnnlm,
  LanguageModel,
  type LanguageModelOptions,
  type ModelState,
  Rnnlm,
  SimpleRnnlm,
  type TrainableLanguageModel,
} from './models/index.ts'
export { clipGrads, type Optimizer, SGD } from './optim/index.ts'
export {
  add,
  argmax,
  axpy,
  type DType,
  div,
  exp,
  type Kernels,
  kernels,
  type MatmulOptions,
  matmul,
  mul,
  type NestedNumbers,
  norm,
  type OutOptions,
  Random,
  type RandomState,
  type Shape,
  scale,
  setThreads,
  sigmoid,
  softmax,
  sub,
  sum,
  Tensor,
  tanh,
} from './tensor/index.ts'
export {
  type Evaluation,
  type EvaluationOptions,
  evalPerplexity,
  type FitOptions,
  type FitProgress,
  RnnlmTrainer,
  type Tokens,
} from './train/index.ts'
