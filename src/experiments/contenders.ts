/**
 * Trains different types of language models on the same text, each with suitable settings: the unigram model, models
 * that see a window of words, and recurrent models.
 */

import { checkInteger, checkOptions, checkSignal } from '../checks.ts'
import type { Texts } from '../data/texts.ts'
import { rangeError, typeError } from '../errors.ts'
import {
  CbowLm,
  CELL_NAMES,
  type Cell,
  cellOf,
  LanguageModel,
  NeuralProbabilisticLm,
  type TrainableLanguageModel,
} from '../models/index.ts'
import { setTimeScales } from '../models/time-scales.ts'
import { createOptimizer, OPTIMIZERS, type OptimizerName, scheduledRate } from '../optim/index.ts'
import { inPieces } from '../pace.ts'
import { scale } from '../tensor/index.ts'
import { evalInCallback } from '../train/perplexity.ts'
import { type FitProgress, RnnlmTrainer } from '../train/trainer.ts'
import { unigramInPieces } from '../train/unigram.ts'

/** D and H of all models. */
const SIZE = 100
const BATCH_SIZE = 10
const TIME_SIZE = 40
/**
 * Word vectors are initialised from N(0, 1). With the book's N(0, 1)/100, names that occur in the same contexts hardly
 * differ.
 */
const VECTOR_SCALE = 100
/** The longest initial time scale of gates, in steps. */
const MEMORY_STEPS = 60

interface ContenderSizes {
  vocabSize: number
  /** Window size n of the models that see a window. */
  window: number
  seed: number
}

interface Recipe {
  make(sizes: ContenderSizes): TrainableLanguageModel
  /** A description for tables. */
  describe(sizes: Pick<ContenderSizes, 'window'>): string
  optimizer: OptimizerName
  lr: number
  maxGrad: number
}

const recurrent = (cell: Cell): Recipe => ({
  make: ({ vocabSize, seed }) => {
    const model = new LanguageModel({ cell, vocabSize, wordvecSize: SIZE, hiddenSize: SIZE, seed })
    setTimeScales(model, MEMORY_STEPS)
    return model
  },
  describe: () => cellOf(cell).title,
  ...cellOf(cell).comparison,
})

const RECIPES = {
  cbow: {
    make: ({ vocabSize, window, seed }) => new CbowLm(vocabSize, SIZE, { window, seed }),
    describe: ({ window }) => `mean of the last ${window} words`,
    optimizer: 'adam',
    lr: 0.003,
    maxGrad: 1,
  },
  nplm: {
    make: ({ vocabSize, window, seed }) => new NeuralProbabilisticLm(vocabSize, SIZE, SIZE, { window, seed }),
    describe: ({ window }) => `the last ${window} words in order`,
    optimizer: 'adam',
    lr: 0.001,
    maxGrad: 1,
  },
  ...(Object.fromEntries(CELL_NAMES.map((cell) => [cell, recurrent(cell)])) as Record<Cell, Recipe>),
} satisfies Record<string, Recipe>

export type Contender = 'unigram' | keyof typeof RECIPES
export const CONTENDERS = ['unigram', ...Object.keys(RECIPES)] as readonly Contender[]

function checkContenderOptions(options: ContenderOptions): void {
  const { maxEpoch, window, seed, signal, onProgress, onEpoch } = checkOptions('trainContender', options, [
    'maxEpoch',
    'window',
    'seed',
    'signal',
    'onProgress',
    'onEpoch',
  ])
  checkInteger('trainContender', 'maxEpoch', maxEpoch)
  checkInteger('trainContender', 'window', window)
  checkInteger('trainContender', 'seed', seed, 0)
  checkSignal('trainContender', signal)
  for (const [name, callback] of Object.entries({ onProgress, onEpoch })) {
    if (callback !== undefined && typeof callback !== 'function')
      throw typeError('trainContender', name, 'a function', callback)
  }
}

/** Describes a model and its training. */
export function describeContender(
  contender: Contender,
  window: number,
): { description: string; recipe: string } {
  if (contender === 'unigram')
    return { description: 'frequencies alone', recipe: 'counts, one added to each' }
  const recipe: Recipe = RECIPES[contender]
  const { optimizer, lr, maxGrad } = recipe
  return {
    description: recipe.describe({ window }),
    recipe: `${OPTIMIZERS[optimizer].Class.name} ${lr}, clip ${maxGrad}`,
  }
}

export interface ContenderOptions {
  maxEpoch: number
  /** The seed of the initial weights. */
  seed: number
  /** Window size n: the number of previous words that window models see. */
  window: number
  /** Stops training after the current iteration; the promise rejects with the signal's reason. */
  signal?: AbortSignal
  /** Called after each iteration with a reused object; a returned promise is awaited. */
  onProgress?: (progress: Readonly<FitProgress>) => unknown
  /** Called after each epoch with the validation perplexity; a returned promise is awaited. */
  onEpoch?: (progress: Readonly<FitProgress>, validPerplexity: number) => unknown
}

export interface ContenderResult {
  contender: Contender
  /** A description of the model. */
  description: string
  /** A description of its training. */
  recipe: string
  parameters: number
  /** Training speed; undefined for the unigram model, which only counts. */
  wordsPerSecond?: number
  /** Validation perplexity after the best epoch. */
  perplexity: number
  /** The same for the words that require a long memory, if their positions are known. */
  memoryPerplexity?: number
  /** Validation perplexity after each epoch. */
  validPerplexities: number[]
  /** The same for the words that require a long memory. */
  memoryPerplexities?: number[]
}

/**
 * Trains a model and evaluates it on the validation text.
 * @throws {RangeError} if there is no validation text
 * @throws DivergedError; the signal's reason
 */
export async function trainContender(
  contender: Contender,
  texts: Texts,
  options: ContenderOptions,
): Promise<ContenderResult> {
  if (!CONTENDERS.includes(contender))
    throw rangeError('trainContender', 'contender', CONTENDERS.join(', '), contender)
  checkContenderOptions(options)
  const { train, valid, vocabulary, memoryPositions } = texts
  if (!valid) throw typeError('trainContender', 'texts.valid', 'a validation text', valid)
  const sizes = { ...options, vocabSize: vocabulary.size }
  if (contender === 'unigram') {
    const score = async (positions?: Int32Array) => {
      const pieces = unigramInPieces(train, valid, vocabulary.size, { positions })
      return (await inPieces(pieces, options.signal)).perplexity
    }
    const perplexities = [await score()]
    const onMemoryWords = memoryPositions && [await score(memoryPositions)]
    return {
      contender,
      ...describeContender(contender, options.window),
      parameters: vocabulary.size,
      ...ofBestEpoch(perplexities, onMemoryWords),
    }
  }
  const recipe: Recipe = RECIPES[contender]
  const model = recipe.make(sizes)
  const vectors = model.namedParams().get('embedding.W')!
  scale(vectors, VECTOR_SCALE, { out: vectors })
  const measured = await fitContender(model, recipe, { ...texts, valid }, options)
  return {
    contender,
    ...describeContender(contender, options.window),
    parameters: model.params.reduce((sum, param) => sum + param.size, 0),
    ...measured,
  }
}

type Perplexities = Pick<
  ContenderResult,
  'perplexity' | 'memoryPerplexity' | 'validPerplexities' | 'memoryPerplexities'
>

function ofBestEpoch(validPerplexities: number[], memoryPerplexities: number[] | undefined): Perplexities {
  let best = 0
  for (const [epoch, perplexity] of validPerplexities.entries())
    if (perplexity < validPerplexities[best]!) best = epoch
  const memory = memoryPerplexities && { memoryPerplexity: memoryPerplexities[best]!, memoryPerplexities }
  return { perplexity: validPerplexities[best]!, validPerplexities, ...memory }
}

/** Trains with a learning rate that falls to 0 along a half cosine. */
async function fitContender(
  model: TrainableLanguageModel,
  { optimizer: name, lr, maxGrad }: Recipe,
  { train, valid, memoryPositions }: Texts & { valid: Int32Array },
  { maxEpoch, signal, onProgress, onEpoch }: ContenderOptions,
): Promise<Perplexities & Pick<ContenderResult, 'wordsPerSecond'>> {
  const optimizer = createOptimizer({ optimizer: name, lr })
  const validPerplexities: number[] = []
  const memoryPerplexities: number[] | undefined = memoryPositions && []
  let wordsPerSecond = 0
  await new RnnlmTrainer(model, optimizer).fit(train.subarray(0, -1), train.subarray(1), {
    maxEpoch,
    batchSize: BATCH_SIZE,
    timeSize: TIME_SIZE,
    maxGrad,
    evalInterval: null,
    ...(signal && { signal }),
    onProgress: async (progress) => {
      const { iteration, iterations } = progress
      optimizer.lr = scheduledRate({ lr, decay: 'cosine', iterations }, iteration)
      await onProgress?.(progress)
      if (!progress.isEndOfEpoch) return
      wordsPerSecond = progress.wordsPerSecond
      const { perplexity } = await evalInCallback(model, valid, { signal })
      validPerplexities.push(perplexity)
      if (memoryPerplexities) {
        const evaluation = await evalInCallback(model, valid, { positions: memoryPositions, signal })
        memoryPerplexities.push(evaluation.perplexity)
      }
      await onEpoch?.(progress, perplexity)
    },
  })
  return { wordsPerSecond, ...ofBestEpoch(validPerplexities, memoryPerplexities) }
}
