/**
 * RnnlmTrainer ("Deep Learning from Scratch 2", ch. 5.5.4 and 6.3): truncated backpropagation through time over a
 * corpus. The hidden state is carried from block to block; gradients stop at block boundaries. The event loop runs
 * between iterations.
 */
import { checkInteger, checkNumber, checkOptions, checkSignal } from '../checks.ts'
import { stateError, typeError } from '../errors.ts'
import { type TrainableLanguageModel, Turns } from '../models/index.ts'
import { checkMaxNorm, type Optimizer } from '../optim/index.ts'
import { inPieces } from '../pace.ts'
import { savePlot } from '../report/plot.ts'
import { Batches } from './batches.ts'
import { DivergedError } from './diverged-error.ts'
import { checkFitState, type FitState } from './fit-state.ts'
import { StateResets } from './state-resets.ts'
import { TrainingStep } from './step.ts'
import { readTokens, type Tokens } from './tokens.ts'

export interface FitOptions {
  maxEpoch?: number
  batchSize?: number
  timeSize?: number
  /** Tokens per epoch, if the text has more; the next epoch continues from there. Defaults to the whole text. */
  epochSize?: number | undefined
  /** Maximum global norm of the gradients; no clipping if omitted. */
  maxGrad?: number | null
  /**
   * Probability that a row of the batch starts a block from a zero state, as at the beginning of a text; defaults to 0.
   * A model that never starts from a zero state in training may perform badly when it does.
   */
  stateReset?: number
  /** Iterations per entry of `pplList`; null for one entry per epoch. */
  evalInterval?: number | null
  /** Continues from this state, with the same data and sizes. The caller restores the states of model and optimizer. */
  resume?: FitState
  /** Stops training after the current iteration; `fit` rejects with the signal's reason. */
  signal?: AbortSignal
  /** Called after every iteration with a reused object; a returned promise is awaited. */
  onProgress?: (progress: Readonly<FitProgress>) => void | Promise<void>
}

export interface FitProgress {
  /** From 1. */
  epoch: number
  maxEpoch: number
  /** Over the whole run, from 1. */
  iteration: number
  iterations: number
  /** The loss of this iteration, in nats. */
  loss: number
  /** The perplexity over the iterations since the last entry of `pplList`, or up to the new one. */
  perplexity: number
  /** Whether this iteration added an entry to `pplList`. */
  isRecorded: boolean
  isEndOfEpoch: boolean
  /** Seconds spent in iterations so far, without callbacks. */
  seconds: number
  wordsPerSecond: number
}

export class RnnlmTrainer {
  readonly model: TrainableLanguageModel
  readonly optimizer: Optimizer
  /** Perplexities of the last `fit`, each over the iterations since the previous entry. */
  pplList: number[] = []
  /** The iteration at which each entry of `pplList` was recorded, or the epoch with one entry per epoch. */
  #recordedAt: number[] = []
  #isByEpoch = false
  #state: (() => FitState) | null = null
  #step: TrainingStep | null = null

  constructor(model: TrainableLanguageModel, optimizer: Optimizer) {
    if (typeof model?.forward !== 'function')
      throw typeError('RnnlmTrainer', 'model', 'a language model', model)
    if (typeof optimizer?.update !== 'function')
      throw typeError('RnnlmTrainer', 'optimizer', 'an optimizer', optimizer)
    this.model = model
    this.optimizer = optimizer
  }

  /**
   * Trains for `maxEpoch` epochs of floor(size / (batchSize · timeSize)) iterations, where size is `epochSize` or the
   * size of the text. Asynchronous: the event loop runs between iterations, and steps longer than a millisecond run on
   * another thread, where operations on their tensors are errors until the step is done. `evalPerplexity`,
   * `scoreSentences`, `generate` and `saveModel` may be called meanwhile; they take turns with the steps and slow
   * training down to half its speed at most.
   * @param xs token ids
   * @param ts target ids, as many as `xs`
   * @throws {DivergedError} if the loss is not finite, in which case the parameters are those of the previous
   * iteration, or if its perplexity is infinite
   */
  async fit(xs: Tokens, ts: Tokens, options: FitOptions = {}): Promise<void> {
    const {
      maxEpoch = 10,
      batchSize = 20,
      timeSize = 35,
      epochSize,
      maxGrad = null,
      stateReset = 0,
      evalInterval = 20,
      resume,
      signal,
      onProgress,
    } = checkOptions('fit', options, [
      'maxEpoch',
      'batchSize',
      'timeSize',
      'epochSize',
      'maxGrad',
      'stateReset',
      'evalInterval',
      'resume',
      'signal',
      'onProgress',
    ])
    checkInteger('fit', 'maxEpoch', maxEpoch)
    if (maxGrad !== null) checkMaxNorm('fit', 'maxGrad', maxGrad)
    checkNumber('fit', 'stateReset', stateReset, 0, 1)
    if (evalInterval !== null) checkInteger('fit', 'evalInterval', evalInterval)
    checkSignal('fit', signal)
    if (onProgress !== undefined && typeof onProgress !== 'function')
      throw typeError('fit', 'onProgress', 'a function', onProgress)
    if (resume !== undefined) checkFitState('fit', 'resume', resume)
    const turns = Turns.of(this.model)
    turns.begin()
    const { training } = this.model
    try {
      const tokens = await inPieces(readTokens('fit', 'xs', xs, this.model.vocabSize), signal)
      const targets = await inPieces(readTokens('fit', 'ts', ts, this.model.vocabSize), signal)
      const batches = new Batches('fit', tokens, targets, batchSize, timeSize, epochSize)
      if (resume !== undefined) checkInteger('fit', 'resume.timeIdx', resume.timeIdx, 0, tokens.length - 1)
      if (training === false) this.model.training = true
      await this.#run(batches, maxEpoch, maxGrad, evalInterval, { stateReset, resume, signal, onProgress })
    } finally {
      setTraining(this.model, training)
      turns.end()
    }
  }

  /** The state of the current or last `fit`; null before the first. */
  get state(): FitState | null {
    return this.#state?.() ?? null
  }

  /** The global norm of the last gradients before clipping; NaN before the first `fit`. */
  get gradientNorm(): number {
    return this.#step?.gradientNorm ?? Number.NaN
  }

  /** Plots `pplList` to an .svg or .png file. */
  plot(path: string, options: { ylim?: [low: number, high: number] } = {}): void {
    if (this.pplList.length === 0) throw stateError('plot', 'nothing is recorded yet; call fit first')
    savePlot(path, [{ name: 'training', x: this.#recordedAt, y: this.pplList }], {
      xLabel: this.#isByEpoch ? 'epoch' : 'iteration',
      yLimits: options.ylim,
    })
  }

  async #run(
    batches: Batches,
    maxEpoch: number,
    maxGrad: number | null,
    evalInterval: number | null,
    {
      stateReset,
      resume,
      signal,
      onProgress,
    }: Pick<FitOptions, 'resume' | 'signal' | 'onProgress'> & { stateReset: number },
  ): Promise<void> {
    const { iterationsPerEpoch } = batches
    const progress: FitProgress = {
      epoch: 1,
      maxEpoch,
      iteration: resume?.iteration ?? 0,
      iterations: maxEpoch * iterationsPerEpoch,
      loss: Number.NaN,
      perplexity: Number.NaN,
      isRecorded: false,
      isEndOfEpoch: false,
      seconds: resume?.seconds ?? 0,
      wordsPerSecond: 0,
    }
    this.pplList = [...(resume?.pplList ?? [])]
    this.#recordedAt = [...(resume?.recordedAt ?? [])]
    this.#isByEpoch = evalInterval === null
    batches.timeIdx = resume?.timeIdx ?? 0
    const turns = Turns.of(this.model)
    const step = new TrainingStep(this.model, this.optimizer, batches, maxGrad)
    this.#step = step
    const resets = new StateResets(stateReset, this.model.rng?.seed ?? 0n, batches.xs.shape[0])
    let totalLoss = resume?.totalLoss ?? 0
    let lossCount = resume?.lossCount ?? 0
    this.#state = () => ({
      iteration: progress.iteration,
      timeIdx: batches.timeIdx,
      totalLoss,
      lossCount,
      pplList: [...this.pplList],
      recordedAt: [...this.#recordedAt],
      seconds: progress.seconds,
    })
    while (progress.iteration < progress.iterations) {
      signal?.throwIfAborted()
      const inEpoch = progress.iteration % iterationsPerEpoch
      progress.iteration++
      progress.epoch = Math.ceil(progress.iteration / iterationsPerEpoch)
      progress.isEndOfEpoch = inEpoch === iterationsPerEpoch - 1
      const start = performance.now()
      batches.next()
      if (stateReset > 0) this.model.resetState(resets.at(progress.iteration))
      const loss = step.run()
      progress.loss = typeof loss === 'number' ? loss : await loss
      const milliseconds = performance.now() - start
      progress.seconds += milliseconds / 1000
      progress.wordsPerSecond = (progress.iteration * batches.xs.size) / progress.seconds
      if (
        !Number.isFinite(Math.exp(progress.loss)) ||
        (maxGrad !== null && !Number.isFinite(step.gradientNorm))
      )
        throw this.#divergence(progress, step.gradientNorm, maxGrad)
      totalLoss += progress.loss
      lossCount++
      progress.perplexity = Math.exp(totalLoss / lossCount)
      progress.isRecorded = evalInterval === null ? progress.isEndOfEpoch : inEpoch % evalInterval === 0
      if (progress.isRecorded) {
        this.pplList.push(progress.perplexity)
        this.#recordedAt.push(this.#isByEpoch ? progress.epoch : progress.iteration)
        totalLoss = 0
        lossCount = 0
      }
      if (onProgress) await turns.during(() => onProgress(progress))
      await turns.betweenSteps(milliseconds)
    }
  }

  #divergence(progress: FitProgress, gradientNorm: number, maxGrad: number | null): DivergedError {
    const { loss, epoch, iteration } = progress
    const { lr } = this.optimizer
    const clipping = maxGrad === null ? ', or clip the gradients (maxGrad: 0.25)' : ' or a smaller maxGrad'
    return new DivergedError(
      `fit: the loss is ${loss} at iteration ${iteration} (epoch ${epoch}), the last norm of the gradients ` +
        `${gradientNorm.toPrecision(4)}: training has diverged. ` +
        `Try a lower learning rate${lr === undefined ? '' : ` than ${lr}`}${clipping}.`,
      iteration,
      gradientNorm,
    )
  }
}

/** Restores what `model.training` was, undefined for a model without it. */
function setTraining(model: TrainableLanguageModel, training: boolean | undefined): void {
  if (training === undefined) delete model.training
  else model.training = training
}
