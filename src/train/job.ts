/**
 * A training job: from settings to a trained model, in a folder (see job-folder.ts) where it survives a kill.
 *
 * A job that goes on from its last checkpoint ends with the weights, bit for bit, of one that was never stopped: a
 * checkpoint has all that the rest of the run depends on. It is written every few minutes, after each epoch, and when
 * the run is told to stop. A job without a folder runs in memory alone.
 */
import { existsSync } from 'node:fs'
import { checksumOf, loadTexts, type Texts } from '../data/texts.ts'
import { checkNoOthers, checkOptions, DivergedError, rangeError, reason } from '../errors.ts'
import { LanguageModel } from '../models/index.ts'
import { afterEvaluation, hasStalled, noPlateau, type Optimizer, scheduledRate } from '../optim/index.ts'
import { type Log, type LogRecord, openLog, readLog } from '../report/log.ts'
import { kernels, setFloat32MatmulPrecision } from '../tensor/index.ts'
import { Batches } from './batches.ts'
import { type BestEpoch, BestWeights } from './best-weights.ts'
import { type Checkpoint, readCheckpoint, restoreModel, restoreOptimizer } from './checkpoint.ts'
import { checkEpochs, checkModel, checkPatience } from './job-checks.ts'
import { JobFolder } from './job-folder.ts'
import { type JobProgress, JobSaver } from './job-saver.ts'
import { createOptimizer } from './optimizers.ts'
import { type Evaluation, evalInCallback, evalPerplexity } from './perplexity.ts'
import type { JobSettings, ResumeSettings } from './settings.ts'
import { type FitProgress, type FitState, RnnlmTrainer } from './trainer.ts'

export interface JobEvents {
  /** Stops the job after the iteration at hand; it then saves, and rejects with the signal's reason. */
  signal?: AbortSignal
  /** After each iteration, always with the same object. */
  onProgress?: (progress: Readonly<FitProgress>) => void
  /** After each epoch, when it was measured on the validation text, where there is one. */
  onEpoch?: (progress: EpochProgress, validation: Evaluation | undefined) => void
  /** Something that the run survives, such as a checkpoint that could not be written. */
  onWarning?: (message: string) => void
}

export type EpochProgress = Pick<
  FitProgress,
  'epoch' | 'maxEpoch' | 'iteration' | 'iterations' | 'perplexity' | 'seconds' | 'wordsPerSecond'
>

export interface JobResult {
  /** On the training text, over the last epoch. */
  perplexity: number
  epochs: number
  iterations: number
  seconds: number
  wordsPerSecond: number
  /** On the validation text after the best epoch, and which one that was. */
  best?: BestEpoch
  /** On the test text, with the weights of the best epoch. */
  test?: Evaluation
}

/** Ends a fit from within. */
class EarlyStop extends Error {}

export class TrainingJob {
  readonly settings: JobSettings
  readonly texts: Texts
  readonly model: LanguageModel
  readonly optimizer: Optimizer
  /** The course of the job: what its log has, or would have. */
  readonly records: LogRecord[] = []
  readonly #folder: JobFolder | undefined
  readonly #log: Log | undefined
  readonly #trainer: RnnlmTrainer
  readonly #textChecksum: number
  readonly #iterationsPerEpoch: number
  readonly #best = new BestWeights()
  readonly #saver: JobSaver | undefined
  /** Where `fit` goes on; undefined at the beginning. */
  readonly #begun: FitState | undefined
  #epochsFinished = 0
  #plateau = noPlateau
  #last: EpochProgress | undefined

  private constructor(
    settings: JobSettings,
    texts: Texts,
    folder: JobFolder | undefined,
    checkpoint: Checkpoint<JobProgress> | undefined,
    logPath: string | undefined,
  ) {
    const { batchSize, timeSize, epochSize } = settings
    const { train } = texts
    const [xs, ts] = [train.subarray(0, -1), train.subarray(1)]
    const batches = new Batches('fit', xs, ts, batchSize, timeSize, epochSize)
    checkPatience(settings, texts)
    this.settings = settings
    this.texts = texts
    this.#folder = folder
    this.#textChecksum = checksumOf(texts)
    this.#iterationsPerEpoch = batches.iterationsPerEpoch
    this.model = checkpoint ? restoreModel(checkpoint) : newModel(settings, texts.vocabulary.size)
    this.optimizer = createOptimizer(settings)
    this.#trainer = new RnnlmTrainer(this.model, this.optimizer)
    if (checkpoint) {
      const { progress } = checkpoint
      checkModel(this.model, settings)
      if (progress.textChecksum !== this.#textChecksum)
        throw new Error(`the texts (${namesOfTexts(settings)}) are not those that this job was begun with`)
      restoreOptimizer(checkpoint, this.model, this.optimizer)
      const isSameRate = checkpoint.config.settings?.lr === settings.lr
      this.#plateau = isSameRate ? progress.plateau : { ...progress.plateau, lrFactor: 1 }
      this.#begun = progress.fit
      this.#epochsFinished = checkEpochs(progress.epochsFinished, settings.maxEpoch)
      if (progress.best) this.#best.read(folder!.best, progress.best, this.model)
    }
    const { model, optimizer } = this
    const subject = { model, optimizer, vocabulary: texts.vocabulary, best: this.#best }
    this.#saver = folder && new JobSaver(folder, subject, this.iterationsBefore)
    this.#log = logPath === undefined ? undefined : openLog(logPath, checkpoint?.progress.logSize)
    if (checkpoint && logPath !== undefined && this.#log!.size > 0) this.records.push(...readLog(logPath))
    else this.#describe()
  }

  /**
   * A new job.
   * @param options `folder` for its files, the log among them; `log` is where a job without a folder writes its log
   */
  static async create(
    settings: JobSettings,
    options: { folder?: string | undefined; log?: string | undefined } = {},
  ): Promise<TrainingJob> {
    const { folder: path, log, ...others } = checkOptions('TrainingJob.create', options)
    checkNoOthers('TrainingJob.create', others)
    if (path !== undefined && log !== undefined)
      throw rangeError('TrainingJob.create', 'log', 'nothing, since the folder has a log', log)
    const texts = await loadTexts(settings)
    const folder = path === undefined ? undefined : JobFolder.create(path, settings)
    try {
      return new TrainingJob(folder?.settings ?? settings, texts, folder, undefined, log ?? folder?.log)
    } catch (error) {
      folder?.abandon()
      throw error
    }
  }

  /**
   * A job that goes on where its last checkpoint was made; from the beginning where there is none yet.
   * @param changes settings that are other ones from now on; a new learning rate is no longer divided as the old one was
   */
  static async resume(path: string, changes: ResumeSettings = {}): Promise<TrainingJob> {
    const folder = JobFolder.open(path, changes)
    try {
      const texts = await loadTexts(folder.settings)
      const checkpoint = existsSync(folder.last) ? readCheckpoint<JobProgress>(folder.last) : undefined
      const job = new TrainingJob(folder.settings, texts, folder, checkpoint, folder.log)
      if (Object.keys(changes).length > 0) folder.keepSettings()
      return job
    } catch (error) {
      folder.release()
      throw error
    }
  }

  /** The last epoch that is finished. */
  get lastEpoch(): EpochProgress | undefined {
    return this.#last
  }

  get folder(): string | undefined {
    return this.#folder?.path
  }

  /** Iterations that were done before, of a job that goes on. */
  get iterationsBefore(): number {
    return this.#begun?.iteration ?? 0
  }

  /**
   * Trains to the end. Until then the precision of products is the job's, in the whole process.
   * @throws the signal's reason when it was stopped; DivergedError; what writing the last checkpoint failed with
   */
  async run(events: JobEvents = {}): Promise<JobResult> {
    const { precision } = kernels()
    setFloat32MatmulPrecision(this.settings.precision)
    try {
      await this.#train(events).catch(async (error) => {
        throw await this.#stopped(error, events)
      })
      await this.#saver?.finish()
      return await this.#conclude(events.signal)
    } finally {
      setFloat32MatmulPrecision(precision)
      this.#log?.close()
      this.#folder?.release()
    }
  }

  async #train(events: JobEvents): Promise<void> {
    const { settings, texts } = this
    const { maxEpoch, batchSize, timeSize, epochSize, maxGrad = null } = settings
    try {
      await this.#finishEpochOfBefore(events)
      this.optimizer.lr = this.#rateAfter(this.iterationsBefore)
      await this.#trainer.fit(texts.train.subarray(0, -1), texts.train.subarray(1), {
        ...{ maxEpoch, batchSize, timeSize, epochSize, maxGrad },
        ...{ evalInterval: null, signal: events.signal, resume: this.#begun },
        onProgress: async (progress) => {
          events.onProgress?.(progress)
          if (progress.isEndOfEpoch) await this.#finishEpoch({ ...progress }, events)
          else if (this.#saver?.isDue) this.#save(events)
          this.optimizer.lr = this.#rateAfter(progress.iteration)
        },
      })
    } catch (error) {
      if (!(error instanceof EarlyStop)) throw error
    }
  }

  /** A run that was stopped between the last iteration of an epoch and the epoch's end deals with that first. */
  async #finishEpochOfBefore(events: JobEvents): Promise<void> {
    if (!this.#begun) return
    const { iteration, seconds, pplList } = this.#begun
    const { batchSize, timeSize, maxEpoch } = this.settings
    const epoch = Math.floor(iteration / this.#iterationsPerEpoch)
    const progress = {
      ...{ epoch, maxEpoch, iteration, iterations: maxEpoch * this.#iterationsPerEpoch, seconds },
      perplexity: pplList.at(-1) ?? Number.NaN,
      wordsPerSecond: (iteration * batchSize * timeSize) / seconds,
    }
    if (epoch > 0) this.#last = progress
    if (epoch > this.#epochsFinished) await this.#finishEpoch(progress, events)
    else if (this.#hasStalled) throw new EarlyStop()
  }

  async #finishEpoch(progress: EpochProgress, events: JobEvents): Promise<void> {
    const { epoch, iteration, perplexity, wordsPerSecond, seconds } = progress
    const { valid } = this.texts
    const validation = valid && (await evalInCallback(this.model, valid, { signal: events.signal }))
    const lr = this.#rateAfter(iteration - 1)
    this.#write({ type: 'train', epoch, iteration, perplexity, wordsPerSecond, seconds, lr }, events)
    if (validation) {
      this.#write({ type: 'valid', epoch, iteration, perplexity: validation.perplexity }, events)
      const { lrDecay: factor, lrPatience: patience } = this.settings
      this.#plateau = afterEvaluation(this.#plateau, validation.perplexity, { factor, patience })
      if (this.#plateau.evaluationsSinceBest === 0) this.#best.keep({ epoch, validation }, this.model)
    }
    this.#epochsFinished = epoch
    this.#last = progress
    events.onEpoch?.(progress, validation)
    await this.#saver?.whenIdle()
    this.#save(events)
    if (this.#hasStalled) throw new EarlyStop()
  }

  /** The learning rate of the next iteration. */
  #rateAfter(iteration: number): number {
    const { lr, warmup: warmupIterations, schedule, maxEpoch } = this.settings
    const iterations = maxEpoch * this.#iterationsPerEpoch
    const decay = schedule === 'cosine' ? 'cosine' : 'none'
    return scheduledRate({ lr, warmupIterations, decay, iterations }, iteration) * this.#plateau.lrFactor
  }

  get #hasStalled(): boolean {
    const { patience } = this.settings
    return patience !== undefined && hasStalled(this.#plateau, patience)
  }

  /** Saves beside training; a failure is a warning, and what was saved before stays. */
  #save(events: JobEvents): void {
    this.#saver?.begin(this.#progress, (error) => {
      events.onWarning?.(`${reason(error)}; training goes on`)
    })
  }

  get #progress(): JobProgress {
    return {
      fit: this.#trainer.state ?? this.#begun!,
      plateau: this.#plateau,
      epochsFinished: this.#epochsFinished,
      best: this.#best.epoch,
      logSize: this.#log?.size ?? 0,
      textChecksum: this.#textChecksum,
    }
  }

  /** What a run that did not come to its end is told to have ended with. */
  async #stopped(error: unknown, events: JobEvents): Promise<unknown> {
    await this.#saver?.whenIdle()
    if (error instanceof DivergedError) {
      if (!this.#saver || !existsSync(this.#folder!.last)) return error
      const { last, path } = this.#folder!
      const advice =
        `The last good checkpoint is ${last}, of iteration ${this.#saver.iteration}: ` +
        `go on from it with "rnnlm train --resume ${path} --lr <a lower rate>".`
      return new DivergedError(`${error.message} ${advice}`, error.iteration, error.gradientNorm)
    }
    if (!events.signal?.aborted || !(this.#trainer.state ?? this.#begun)) return error
    try {
      await this.#saver?.save(this.#progress)
      return error
    } catch (failure) {
      return new Error(`stopped, but not saved: ${reason(failure)}`, { cause: failure })
    }
  }

  async #conclude(signal: AbortSignal | undefined): Promise<JobResult> {
    const { epoch: epochs, iteration: iterations, perplexity, seconds, wordsPerSecond } = this.#last!
    this.#best.copyTo(this.model)
    const { test: text, floor } = this.texts
    const test = text && (await evalPerplexity(this.model, text, { signal }))
    this.#write({
      type: 'end',
      perplexity,
      ...(floor === undefined ? {} : { floor }),
      ...(test ? { testPerplexity: test.perplexity, testTokens: test.tokens } : {}),
    })
    return {
      ...{ perplexity, epochs, iterations, seconds, wordsPerSecond },
      ...(this.#best.epoch ? { best: this.#best.epoch } : {}),
      ...(test ? { test } : {}),
    }
  }

  #describe(): void {
    const { train, vocabulary, floor } = this.texts
    const words = train.length
    this.#write({ type: 'start', words, vocabSize: vocabulary.size, ...this.settings, floor })
  }

  #write(record: LogRecord, events: JobEvents = {}): void {
    this.records.push(record)
    try {
      this.#log?.write(record)
    } catch (error) {
      if (!events.onWarning) throw error
      events.onWarning(`${reason(error)}; training goes on`)
    }
  }
}

function newModel(settings: JobSettings, vocabSize: number): LanguageModel {
  const { cell, layers, wordvecSize, hiddenSize, dropout, tieWeights, seed } = settings
  return new LanguageModel({ vocabSize, cell, layers, wordvecSize, hiddenSize, dropout, tieWeights, seed })
}

function namesOfTexts({ data, valid, test }: JobSettings): string {
  return [data, valid, test].filter((name) => name !== undefined).join(', ')
}
