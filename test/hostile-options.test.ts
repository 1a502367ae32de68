/** Every public function with options rejects invalid ones by name, before they can cause an internal error. */
import { describe, expect, it } from 'vitest'
import * as rnnlm from '../src/index.ts'
import { temporaryFolder } from './support/command-line.ts'

const { Tensor } = rnnlm
const V = 5
const words = ['a', 'b', 'c', '<eos>', '<unk>']
const corpus = Int32Array.from({ length: 60 }, (_, i) => i % V)
const model = () => new rnnlm.SimpleRnnlm(V, 3, 3)
const vocabulary = () => new rnnlm.Vocabulary(words)
const matrix = () => Tensor.zeros([2, 2])
const weights = (gates: number) =>
  [Tensor.zeros([2, 2 * gates]), Tensor.zeros([2, 2 * gates]), Tensor.zeros([2 * gates])] as const
const first = <T>(items: AsyncGenerator<T>) => items.next()

type Call = (options: never) => unknown

/** By the name that errors begin with: a call whose arguments are valid except for the options, and option names. */
const CALLS: Record<string, [call: Call, names: readonly string[]]> = {
  SimpleRnnlm: [(o) => new rnnlm.SimpleRnnlm(V, 3, 3, o), ['seed']],
  Rnnlm: [(o) => new rnnlm.Rnnlm(V, 3, 3, o), ['seed']],
  GruRnnlm: [(o) => new rnnlm.GruRnnlm(V, 3, 3, o), ['seed']],
  BetterRnnlm: [(o) => new rnnlm.BetterRnnlm(V, 3, 3, 0.5, o), ['seed', 'dropout']],
  LanguageModel: [
    (o) => new rnnlm.LanguageModel(o),
    ['vocabSize', 'cell', 'layers', 'wordvecSize', 'hiddenSize', 'dropout', 'tieWeights', 'seed'],
  ],
  CbowLm: [(o) => new rnnlm.CbowLm(V, 3, o), ['window', 'seed']],
  NeuralProbabilisticLm: [(o) => new rnnlm.NeuralProbabilisticLm(V, 3, 3, o), ['window', 'seed']],
  SGD: [(o) => new rnnlm.SGD(0.1, o), ['weightDecay']],
  Momentum: [(o) => new rnnlm.Momentum(0.1, o), ['momentum']],
  Nesterov: [(o) => new rnnlm.Nesterov(0.1, o), ['momentum']],
  AdaGrad: [(o) => new rnnlm.AdaGrad(0.1, o), ['eps']],
  RMSprop: [(o) => new rnnlm.RMSprop(0.1, o), ['eps']],
  Adam: [(o) => new rnnlm.Adam(0.1, o), ['beta1', 'beta2', 'eps', 'correctedEps']],
  AdamW: [(o) => new rnnlm.AdamW(0.1, o), ['weightDecay', 'beta1', 'eps']],
  scheduledRate: [(o) => rnnlm.scheduledRate(o, 0), ['lr', 'warmupIterations', 'decay', 'iterations']],
  afterEvaluation: [(o) => rnnlm.afterEvaluation(rnnlm.noPlateau, 5, o), ['factor', 'patience']],
  TimeRNN: [(o) => new rnnlm.TimeRNN(...weights(1), o), ['stateful', 'sentenceStarts']],
  TimeLSTM: [(o) => new rnnlm.TimeLSTM(...weights(4), o), ['stateful', 'sentenceStarts']],
  TimeGRU: [(o) => new rnnlm.TimeGRU(...weights(3), o), ['stateful', 'sentenceStarts']],
  TimeDropout: [(o) => new rnnlm.TimeDropout(0.5, o), ['rng']],
  TimeSoftmaxWithLoss: [(o) => new rnnlm.TimeSoftmaxWithLoss(o), ['ignoreLabel']],
  TimeAffine: [(o) => new rnnlm.TimeAffine(matrix(), Tensor.zeros([2]), o), ['dW']],
  matmul: [(o) => rnnlm.matmul(matrix(), matrix(), o), ['transA', 'transB', 'out', 'accumulate', 'bias']],
  add: [(o) => rnnlm.add(matrix(), matrix(), o), ['out']],
  tanh: [(o) => rnnlm.tanh(matrix(), o), ['out']],
  softmax: [(o) => rnnlm.softmax(matrix(), o), ['out']],
  'Tensor.randn': [(o) => Tensor.randn([2], o), ['rng', 'scale']],
  'Tensor.uniform': [(o) => Tensor.uniform([2], o), ['rng', 'low', 'high']],
  loadText: [
    (o) => rnnlm.loadText('none.txt', o),
    ['unit', 'vocabulary', 'minCount', 'maxVocabSize', 'limit'],
  ],
  loadTexts: [(o) => rnnlm.loadTexts(o), ['data', 'valid', 'test', 'split', 'unit', 'minCount', 'limit']],
  'ptb.loadData': [(o) => rnnlm.ptb.loadData('train', o), ['dir', 'baseUrl']],
  generateCorpus: [(o) => rnnlm.generateCorpus(o), ['words', 'seed']],
  generate: [
    (o) => first(rnnlm.generate(model(), vocabulary(), o)),
    ['prompt', 'tokens', 'temperature', 'topK', 'seed', 'signal'],
  ],
  scoreSentences: [
    (o) => rnnlm.scoreSentences(model(), vocabulary(), ['a b'], o),
    ['continued', 'words', 'signal'],
  ],
  evalPerplexity: [
    (o) => rnnlm.evalPerplexity(model(), corpus, o),
    ['batchSize', 'timeSize', 'tail', 'positions', 'signal'],
  ],
  unigramPerplexity: [(o) => rnnlm.unigramPerplexity(corpus, corpus, V, o), ['positions']],
  fit: [
    (o) => new rnnlm.RnnlmTrainer(model(), new rnnlm.SGD(0.1)).fit(corpus.subarray(1), corpus.subarray(1), o),
    ['maxEpoch', 'batchSize', 'timeSize', 'resume', 'signal', 'onProgress'],
  ],
  'TrainingJob.create': [(o) => rnnlm.TrainingJob.create(rnnlm.resolveSettings({}), o), ['folder', 'log']],
  'TrainingJob.resume': [(o) => rnnlm.TrainingJob.resume(temporaryFolder(), o), ['lr', 'maxEpoch']],
  settings: [(o) => rnnlm.resolveSettings(o), ['data', 'lr', 'cell', 'layers', 'tieWeights']],
  trainContender: [
    (o) => rnnlm.trainContender('rnn', { vocabulary: vocabulary(), train: corpus, valid: corpus }, o),
    ['maxEpoch', 'window', 'seed', 'signal'],
  ],
}

const HOSTILE: [name: string, value: unknown][] = [
  ['null', null],
  ['an array', [1]],
  ['a string', 'x'],
  ['a number', 3],
  ['an option that does not exist', { unknownOption: 1 }],
]
/** Messages of JavaScript itself. */
const INTERNAL =
  /Cannot |is not (a function|iterable|defined|an object)|undefined \(|Invalid |of (null|undefined)/

async function errorOf(call: Call, options: unknown): Promise<Error | undefined> {
  try {
    await call(options as never)
    return undefined
  } catch (error) {
    return error as Error
  }
}

const STATE = {
  iteration: 0,
  timeIdx: 0,
  totalLoss: 0,
  lossCount: 0,
  pplList: [],
  recordedAt: [],
  seconds: 0,
}

it.each<[object, string]>([
  [[], 'resume: expected the state of a fit'],
  [{}, 'resume.iteration: expected an integer of at least 0, got undefined'],
  [{ ...STATE, iteration: -5 }, 'resume.iteration: expected an integer of at least 0, got -5'],
  [{ ...STATE, timeIdx: 59 }, 'resume.timeIdx: expected an integer in 0…58, got 59'],
  [{ ...STATE, totalLoss: Number.NaN }, 'resume.totalLoss: expected a finite number, got NaN'],
  [{ ...STATE, pplList: 'x' }, 'resume.pplList: expected an array of numbers, got "x"'],
  [{ ...STATE, pplList: [null] }, 'resume.pplList[0]: expected a finite number of at least 0, got null'],
  [{ ...STATE, pplList: [2] }, 'resume.recordedAt: expected 1 numbers, as pplList, got []'],
  [{ ...STATE, seconds: '1' }, 'resume.seconds: expected a finite number of at least 0, got "1"'],
])('fit from the forged state %j', async (resume, message) => {
  const trainer = new rnnlm.RnnlmTrainer(model(), new rnnlm.SGD(0.1))
  const tokens = corpus.subarray(1)
  const fit = trainer.fit(tokens, tokens, { batchSize: 2, timeSize: 5, maxEpoch: 1, resume: resume as never })
  await expect(fit).rejects.toThrow(`fit: ${message}`)
})

describe.each(Object.entries(CALLS))('%s', (operation, [call, names]) => {
  it.each(HOSTILE)('with %s for its options', async (_, options) => {
    const error = await errorOf(call, options)
    expect(error?.message).toMatch(new RegExp(`^${operation.replace('.', '\\.')}: `))
    expect(error?.message).not.toMatch(INTERNAL)
  })

  it.each(names)('suggests %s for a misspelling', async (name) => {
    const error = await errorOf(call, { [`${name}x`]: 1 })
    expect(error?.message).toBe(`${operation}: unknown option "${name}x"; did you mean "${name}"?`)
    expect(error).toBeInstanceOf(TypeError)
  })

  it('lists the known options if none is close', async () => {
    const error = await errorOf(call, { zzzzzz: 1 })
    expect(error?.message).toMatch(new RegExp(`^${operation}: unknown option "zzzzzz"; known options: \\w+`))
    for (const name of names) expect(error?.message).toContain(name)
  })

  it.each(names)('with null for %s', async (name) => {
    const error = await errorOf(call, { [name]: null })
    expect(error?.message).toMatch(/^[\w.]+: /)
    expect(error?.message).not.toMatch(INTERNAL)
  })
})
