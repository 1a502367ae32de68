/** rnnlm: recurrent language models, trained in Node at native speed. */
export { type BuiltinCorpus, generateCorpus } from './data/builtin/corpus.ts'
export { type PtbOptions, type PtbSplit, ptb } from './data/ptb.ts'
export { loadText, type TextCorpus, type TextOptions } from './data/text.ts'
export { loadTexts, type Texts, type TextsOptions } from './data/texts.ts'
export type { Unit } from './data/tokenizer.ts'
export { Vocabulary, type VocabularyJson } from './data/vocabulary.ts'
export { type Rival, type RivalOptions, type RivalResult, trainRival } from './experiments/index.ts'
export {
  type GenerateOptions,
  generate,
  type ScoreOptions,
  type SentenceScore,
  scoreSentences,
} from './inference/index.ts'
export { readSafetensors, type SafetensorsContent, writeSafetensors } from './interop/safetensors.ts'
export { saveModel } from './interop/save-model.ts'
export {
  defaultPreset,
  type GivenSettings,
  initialSettings,
  type JobEvents,
  type JobResult,
  type JobSettings,
  type OpenSettings,
  resolveSettings,
  TrainingJob,
} from './jobs/index.ts'
export { type LoadedModel, loadModel } from './jobs/load-model.ts'
export {
  GRU,
  type Layer,
  type LayerState,
  LSTM,
  type RecurrentLayer,
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
  TimeTanh,
  TimeWindow,
  TimeWindowMean,
  type TokenBatch,
} from './layers/index.ts'
export {
  BetterRnnlm,
  CbowLm,
  type Cell,
  GruRnnlm,
  LanguageModel,
  type LanguageModelOptions,
  type ModelState,
  NeuralProbabilisticLm,
  Rnnlm,
  SimpleRnnlm,
  type TrainableLanguageModel,
  type WindowOptions,
} from './models/index.ts'
export {
  AdaGrad,
  type AdaGradOptions,
  Adam,
  type AdamOptions,
  AdamW,
  type AdamWOptions,
  afterEvaluation,
  clipGrads,
  hasStalled,
  Momentum,
  type MomentumOptions,
  Nesterov,
  noPlateau,
  type Optimizer,
  type OptimizerState,
  type PlateauOptions,
  type PlateauState,
  RMSprop,
  type RMSpropOptions,
  type Schedule,
  SGD,
  type SGDOptions,
  scheduledRate,
} from './optim/index.ts'
export {
  add,
  argmax,
  availablePrecisions,
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
  type Precision,
  Random,
  type RandomState,
  type Shape,
  scale,
  setFloat32MatmulPrecision,
  setThreads,
  sigmoid,
  softmax,
  sub,
  sum,
  Tensor,
  tanh,
} from './tensor/index.ts'
export { DivergedError } from './train/diverged-error.ts'
export {
  type Evaluation,
  type EvaluationOptions,
  evalPerplexity,
  type FitOptions,
  type FitProgress,
  type FitState,
  RnnlmTrainer,
  type Tokens,
  unigramPerplexity,
} from './train/index.ts'
