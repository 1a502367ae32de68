/**
 * Runs a training job from its start, or from its last checkpoint, to its result. After each epoch, it evaluates the
 * validation text, writes the log, updates the learning rate and saves a checkpoint.
 */
import { existsSync } from 'node:fs'
import type { Texts } from '../data/texts.ts'
import { reason } from '../files/file-error.ts'
import type { LanguageModel } from '../models/index.ts'
import { afterEvaluation, hasStalled, noPlateau, type Optimizer, scheduledRate } from '../optim/index.ts'
import { DivergedError } from '../train/diverged-error.ts'
import type { FitState } from '../train/fit-state.ts'
import { type Evaluation, evalInCallback, evalPerplexity } from '../train/perplexity.ts'
import { RnnlmTrainer } from '../train/trainer.ts'
import type { BestEpoch, BestWeights } from './best-weights.ts'
import { DivergenceCheck } from './divergence.ts'
import type { EpochProgress, RunEvents } from './job-events.ts'
import type { JobFolder } from './job-folder.ts'
import type { JobLog } from './job-log.ts'
import type { JobProgress, JobSaver } from './job-saver.ts'
import type { LogRecord } from './log-records.ts'
import type { JobSettings } from './settings.ts'

export interface JobResult {
  /** Perplexity on the training text over the last epoch. */
  perplexity: number
  /** Whether this is far above the perplexity of the unigram model. */
  diverged: boolean
  epochs: number
  iterations: number
  seconds: number
  wordsPerSecond: number
  /** The evaluation on the validation text after the best epoch, and the number of that epoch. */
  best?: BestEpoch
  /** The evaluation on the test text with the weights of the best epoch. */
  test?: Evaluation
}

/** The parts that a run works with. */
interface RunParts {
  settings: JobSettings
  texts: Texts
  textChecksum: number
  model: LanguageModel
  optimizer: Optimizer
  best: BestWeights
  log: JobLog
  iterationsPerEpoch: number
  /** Set if the job has a folder. */
  folder?: JobFolder | undefined
  saver?: JobSaver | undefined
  /** Set if the job is resumed from a checkpoint. */
  begun?: Pick<JobProgress, 'fit' | 'plateau' | 'epochsFinished'> | undefined
}

const BEFORE_THE_FIRST_ITERATION: FitState = {
  iteration: 0,
  timeIdx: 0,
  totalLoss: 0,
  lossCount: 0,
  pplList: [],
  recordedAt: [],
  seconds: 0,
}

/** Thrown to end `fit` from a callback. */
class EarlyStop extends Error {}

export class JobRun {
  /** The last finished epoch. */
  lastEpoch: EpochProgress | undefined
  readonly #parts: RunParts
  readonly #trainer: RnnlmTrainer
  /** The state from which `fit` continues; undefined at the beginning. */
  readonly #begun: FitState | undefined
  #epochsFinished: number
  #plateau: JobProgress['plateau']
  readonly #divergence: DivergenceCheck
  #hasWarnedOfDivergence = false

  constructor(parts: RunParts) {
    this.#parts = parts
    this.#trainer = new RnnlmTrainer(parts.model, parts.optimizer)
    this.#begun = parts.begun?.fit
    this.#epochsFinished = parts.begun?.epochsFinished ?? 0
    this.#plateau = parts.begun?.plateau ?? noPlateau
    this.#divergence = new DivergenceCheck(parts.texts.train, parts.model.vocabSize)
  }

  /** Saves a job before its first iteration. A job that starts from a trained model then no longer needs that model. */
  async saveFirst(): Promise<void> {
    await this.#parts.saver?.save(this.#progress)
  }

  async run(events: RunEvents): Promise<JobResult> {
    const warning = this.#parts.folder?.warning
    try {
      if (warning !== undefined) await events.warning(warning)
      await this.#train(events)
    } catch (error) {
      throw await this.#stopped(error, events)
    }
    await this.#parts.saver?.finish()
    return await this.#conclude(events)
  }

  async #train(events: RunEvents): Promise<void> {
    const { settings, texts, optimizer, saver, folder } = this.#parts
    const { maxEpoch, batchSize, timeSize, epochSize, maxGrad = null, stateReset = 0 } = settings
    try {
      await this.#finishEpochOfBefore(events)
      optimizer.lr = this.#rateAfter(this.#begun?.iteration ?? 0)
      await this.#trainer.fit(texts.train.subarray(0, -1), texts.train.subarray(1), {
        maxEpoch,
        batchSize,
        timeSize,
        epochSize,
        maxGrad,
        stateReset,
        evalInterval: null,
        signal: events.signal,
        resume: this.#begun,
        onProgress: async (progress) => {
          await events.progress(progress)
          if (progress.isEndOfEpoch) await this.#finishEpoch({ ...progress }, events)
          else if (saver?.isDue) {
            folder?.check()
            this.#save(events)
          }
          optimizer.lr = this.#rateAfter(progress.iteration)
        },
      })
    } catch (error) {
      if (!(error instanceof EarlyStop)) throw error
    }
  }

  /** Finishes an epoch if the run was stopped between its last iteration and its end. */
  async #finishEpochOfBefore(events: RunEvents): Promise<void> {
    if (!this.#begun) return
    const { iteration, seconds, pplList } = this.#begun
    const { settings, iterationsPerEpoch } = this.#parts
    const { batchSize, timeSize, maxEpoch } = settings
    const epoch = Math.floor(iteration / iterationsPerEpoch)
    const progress = {
      epoch,
      maxEpoch,
      iteration,
      iterations: maxEpoch * iterationsPerEpoch,
      seconds,
      perplexity: pplList.at(-1) ?? Number.NaN,
      wordsPerSecond: (iteration * batchSize * timeSize) / seconds,
    }
    if (epoch > 0) this.lastEpoch = progress
    if (epoch > this.#epochsFinished) await this.#finishEpoch(progress, events)
    else if (this.#hasStalled) throw new EarlyStop()
  }

  async #finishEpoch(progress: EpochProgress, events: RunEvents): Promise<void> {
    const { epoch, iteration, perplexity, wordsPerSecond, seconds } = progress
    const { settings, texts, model, best, saver } = this.#parts
    const { valid } = texts
    this.#parts.folder?.check()
    const validation = valid && (await evalInCallback(model, valid, { signal: events.signal }))
    const lr = this.#rateAfter(iteration - 1)
    await this.#write({ type: 'train', epoch, iteration, perplexity, wordsPerSecond, seconds, lr }, events)
    if (validation) {
      await this.#write({ type: 'valid', epoch, iteration, perplexity: validation.perplexity }, events)
      const { lrDecay: factor, lrPatience: patience } = settings
      this.#plateau = afterEvaluation(this.#plateau, validation.perplexity, { factor, patience })
      if (this.#plateau.evaluationsSinceBest === 0) best.keep({ epoch, validation }, model)
    }
    this.#epochsFinished = epoch
    this.lastEpoch = progress
    await events.epoch(progress, validation)
    await this.#checkDivergence(progress, events)
    await saver?.whenIdle()
    this.#save(events)
    if (this.#hasStalled) throw new EarlyStop()
  }

  /** Handles divergence: warns once per run, or ends the run. */
  async #checkDivergence({ perplexity, epoch, iteration }: EpochProgress, events: RunEvents): Promise<void> {
    const unigram = await this.#divergence.unigramFarBelow(perplexity, events.signal)
    if (unigram === undefined) return
    const { stopWhenDiverged = false, lr, maxGrad } = this.#parts.settings
    const message =
      `the perplexity of epoch ${epoch} is ${perplexity.toPrecision(4)}, far above that of word frequencies alone ` +
      `(${unigram.toPrecision(4)}): training has diverged. Try a lower learning rate than ${lr}` +
      `${maxGrad === undefined || maxGrad === null ? ', or clip the gradients (maxGrad: 0.25)' : ''}.`
    if (stopWhenDiverged) throw new DivergedError(message, iteration, this.#trainer.gradientNorm)
    if (this.#hasWarnedOfDivergence) return
    this.#hasWarnedOfDivergence = true
    await events.warning(message)
  }

  /** The learning rate of the next iteration. */
  #rateAfter(iteration: number): number {
    const { settings, iterationsPerEpoch } = this.#parts
    const { lr, warmup: warmupIterations, schedule, maxEpoch } = settings
    const iterations = maxEpoch * iterationsPerEpoch
    const decay = schedule === 'cosine' ? 'cosine' : 'none'
    return scheduledRate({ lr, warmupIterations, decay, iterations }, iteration) * this.#plateau.lrFactor
  }

  get #hasStalled(): boolean {
    const { patience } = this.#parts.settings
    return patience !== undefined && hasStalled(this.#plateau, patience)
  }

  /** Saves in the background. A failure causes a warning and does not affect earlier checkpoints. */
  #save(events: RunEvents): void {
    this.#parts.saver?.begin(this.#progress, (error) => {
      events.warning(`${reason(error)}; training continues`).catch((error) => events.stop(error))
    })
  }

  get #progress(): JobProgress {
    const { best, log, textChecksum } = this.#parts
    return {
      fit: this.#trainer.state ?? this.#begun ?? BEFORE_THE_FIRST_ITERATION,
      plateau: this.#plateau,
      epochsFinished: this.#epochsFinished,
      best: best.epoch,
      logSize: log.size,
      textChecksum,
    }
  }

  /** The error with which an unfinished run rejects. */
  async #stopped(error: unknown, events: RunEvents): Promise<unknown> {
    const { folder, saver } = this.#parts
    await saver?.whenIdle()
    if (error instanceof DivergedError) {
      if (!saver || !existsSync(folder!.last)) return error
      const { last, path } = folder!
      const advice =
        `The last good checkpoint is ${last}, of iteration ${saver.iteration}: ` +
        `continue from it with "rnnlm train --resume ${path} --lr <a lower rate>".`
      return new DivergedError(`${error.message} ${advice}`, error.iteration, error.gradientNorm)
    }
    if (!events.isAborted || !(this.#trainer.state ?? this.#begun)) return error
    try {
      await saver?.save(this.#progress)
      return error
    } catch (failure) {
      return new Error(`stopped, but not saved: ${reason(failure)}`, { cause: failure })
    }
  }

  async #conclude(events: RunEvents): Promise<JobResult> {
    const { texts, model, best } = this.#parts
    const { epoch: epochs, iteration: iterations, perplexity, seconds, wordsPerSecond } = this.lastEpoch!
    best.copyTo(model)
    const { test: text, floor } = texts
    const test = text && (await evalPerplexity(model, text, { signal: events.signal }))
    const end: LogRecord = {
      type: 'end',
      perplexity,
      ...(floor === undefined ? {} : { floor }),
      ...(test ? { testPerplexity: test.perplexity, testTokens: test.tokens } : {}),
    }
    await this.#write(end, events)
    const diverged = (await this.#divergence.unigramFarBelow(perplexity, events.signal)) !== undefined
    return {
      perplexity,
      diverged,
      epochs,
      iterations,
      seconds,
      wordsPerSecond,
      ...(best.epoch ? { best: best.epoch } : {}),
      ...(test ? { test } : {}),
    }
  }

  /** Writes a log record. A failure causes a warning if there is a listener. */
  async #write(record: LogRecord, events: RunEvents): Promise<void> {
    try {
      this.#parts.log.write(record)
    } catch (error) {
      if (!events.hasWarnings) throw error
      await events.warning(`${reason(error)}; training continues`)
    }
  }
}
