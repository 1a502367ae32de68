/**
 * A training job: trains a model from settings, optionally in a folder (see job-folder.ts) from which it can be
 * resumed.
 *
 * A resumed job ends with bit-identical weights to one that was never stopped, because a checkpoint contains everything
 * that the rest of the run depends on. Checkpoints are written every few minutes, after each epoch and when the run is
 * stopped. A job without a folder keeps everything in memory.
 */
import { existsSync } from 'node:fs'
import { checkFlag, checkOptions } from '../checks.ts'
import { checksumOf, loadTexts, type Texts } from '../data/texts.ts'
import { rangeError, stateError, typeError } from '../errors.ts'
import { type Checkpoint, restoreModel, restoreOptimizer } from '../interop/checkpoint.ts'
import { LanguageModel, modelSettingsOf } from '../models/index.ts'
import { createOptimizer, type Optimizer } from '../optim/index.ts'
import { inPieces } from '../pace.ts'
import { kernels, setFloat32MatmulPrecision } from '../tensor/index.ts'
import { Batches } from '../train/batches.ts'
import { BestWeights } from './best-weights.ts'
import { grownModel, readInitial } from './initial-model.ts'
import { checkEpochs, checkModel, checkPatience, checkProgress } from './job-checks.ts'
import { type EpochProgress, type JobEvents, RunEvents } from './job-events.ts'
import { JobFolder } from './job-folder.ts'
import { JobLog } from './job-log.ts'
import { type JobResult, JobRun } from './job-run.ts'
import { type JobCheckpoint, type JobProgress, JobSaver, readJobCheckpoint } from './job-saver.ts'
import { canTextsBeReadAgain, loadResumedTexts, otherTexts, textsOptions } from './job-texts.ts'
import type { LogRecord } from './log-records.ts'
import {
  checkSettings,
  type JobSettings,
  type OpenSettings,
  RESUME_SETTINGS,
  type ResumeSettings,
} from './settings.ts'
import { writeStoredTexts } from './stored-texts.ts'
import { fitToText } from './text-recipe.ts'

export class TrainingJob {
  readonly settings: JobSettings
  readonly texts: Texts
  readonly model: LanguageModel
  readonly optimizer: Optimizer
  /** Number of iterations done before the job was resumed. */
  readonly iterationsBefore: number
  readonly #folder: JobFolder | undefined
  readonly #log: JobLog
  readonly #run: JobRun
  /** The run in progress: its events, and a promise that resolves when it has ended and released its folder. */
  #running: { events: RunEvents; ended: Promise<void> } | undefined
  #isClosed = false

  private constructor(
    settings: JobSettings,
    texts: Texts,
    folder: JobFolder | undefined,
    checkpoint: JobCheckpoint | undefined,
    initial: Checkpoint | undefined,
    logPath: string | undefined,
    textChecksum: number,
  ) {
    const { batchSize, timeSize, epochSize } = settings
    const { train, vocabulary } = texts
    const [xs, ts] = [train.subarray(0, -1), train.subarray(1)]
    const { iterationsPerEpoch } = new Batches('fit', xs, ts, batchSize, timeSize, epochSize)
    checkPatience(settings, texts)
    const model = checkpoint
      ? restoreModel(checkpoint)
      : initial
        ? grownModel(initial, settings, vocabulary.size)
        : newModel(settings, vocabulary.size)
    const optimizer = createOptimizer(settings)
    const best = new BestWeights()
    if (checkpoint) {
      const { progress } = checkpoint
      checkModel(model, settings)
      if (progress.textChecksum !== textChecksum) throw otherTexts(settings)
      checkProgress(checkpoint, iterationsPerEpoch)
      restoreOptimizer(checkpoint, model, optimizer)
      checkEpochs(progress.epochsFinished, settings.maxEpoch)
      if (progress.best) best.read(folder!.best, progress.best, model)
    }
    const begun = checkpoint && progressUnder(settings, checkpoint)
    this.settings = settings
    this.texts = texts
    this.model = model
    this.optimizer = optimizer
    this.iterationsBefore = begun?.fit.iteration ?? 0
    const saver =
      folder && new JobSaver(folder, { model, optimizer, vocabulary, best }, this.iterationsBefore)
    this.#folder = folder
    this.#log = new JobLog(logPath, checkpoint?.progress.logSize)
    const subject = { settings, texts, textChecksum, model, optimizer, best, iterationsPerEpoch }
    this.#run = new JobRun({ ...subject, log: this.#log, folder, saver, begun })
    try {
      if (this.records.length === 0) this.#log.write(startRecord(settings, texts))
    } catch (error) {
      this.#log.close()
      throw error
    }
  }

  /**
   * Creates a job.
   * @param options `folder` for checkpoints, settings and log; `log`, the path of the log of a job without a folder;
   * `signal` aborts reading the texts
   */
  static async create(
    given: OpenSettings,
    options: { folder?: string | undefined; log?: string | undefined; signal?: AbortSignal } = {},
  ): Promise<TrainingJob> {
    const {
      folder: path,
      log,
      signal,
    } = checkOptions('TrainingJob.create', options, ['folder', 'log', 'signal'])
    for (const [name, value] of Object.entries({ folder: path, log })) {
      if (value !== undefined && typeof value !== 'string')
        throw typeError('TrainingJob.create', name, 'a path', value)
    }
    checkSettings(given)
    if (path !== undefined && log !== undefined)
      throw rangeError('TrainingJob.create', 'log', 'nothing, since the folder contains the log', log)
    const initial = readInitial(given)
    const mustBeStored = !canTextsBeReadAgain(given)
    const texts = await loadTexts({ ...textsOptions(given), base: initial?.vocabulary, signal })
    const checksum = await inPieces(checksumOf(texts), signal)
    const settings = fitToText(given, texts)
    const folder = path === undefined ? undefined : JobFolder.create(path, settings)
    try {
      if (folder && mustBeStored) await writeStoredTexts(folder.texts, texts)
      folder?.keepSettings()
      const job = new TrainingJob(
        folder?.settings ?? settings,
        texts,
        folder,
        undefined,
        initial,
        log ?? folder?.log,
        checksum,
      )
      if (initial) await job.#run.saveFirst()
      return job
    } catch (error) {
      folder?.abandon()
      throw error
    }
  }

  /**
   * Resumes a job from its last checkpoint, or from the beginning if there is none.
   * @param changes settings to change: `lr`, which also resets its decay; `maxEpoch`; new paths of texts that have
   * moved
   * @param options `takeOver` ignores the lock of a process that is known to have ended; `signal` aborts reading the
   * texts
   */
  static async resume(
    path: string,
    changes: ResumeSettings = {},
    options: { takeOver?: boolean; signal?: AbortSignal } = {},
  ): Promise<TrainingJob> {
    const { takeOver = false, signal } = checkOptions('TrainingJob.resume', options, ['takeOver', 'signal'])
    checkFlag('TrainingJob.resume', 'takeOver', takeOver)
    checkOptions('TrainingJob.resume', changes, RESUME_SETTINGS)
    checkSettings(changes)
    const folder = JobFolder.open(path, changes, { takeOver })
    try {
      const checkpoint = existsSync(folder.last) ? readJobCheckpoint(folder.last) : undefined
      const initial = checkpoint ? undefined : readInitial(folder.settings)
      const mustBeStored = !existsSync(folder.texts) && !canTextsBeReadAgain(folder.settings)
      const vocabularies = { vocabulary: checkpoint?.vocabulary, base: initial?.vocabulary }
      const { texts, checksum } = await loadResumedTexts(folder, changes, vocabularies, signal)
      const job = new TrainingJob(folder.settings, texts, folder, checkpoint, initial, folder.log, checksum)
      if (mustBeStored) await writeStoredTexts(folder.texts, texts)
      if (initial) await job.#run.saveFirst()
      if (Object.keys(changes).length > 0) folder.keepSettings()
      return job
    } catch (error) {
      folder.release()
      throw error
    }
  }

  /** The records of the log, whether or not it is written to a file. */
  get records(): readonly LogRecord[] {
    return this.#log.records
  }

  /** The last finished epoch. */
  get lastEpoch(): EpochProgress | undefined {
    return this.#run.lastEpoch
  }

  get folder(): string | undefined {
    return this.#folder?.path
  }

  /**
   * Trains to the end, then releases the folder. A job runs only once. While it runs, the precision of matrix
   * multiplications of the whole process is that of the job.
   * @throws the signal's reason if stopped; DivergedError; the error of writing the last checkpoint; the error of a
   * callback; an error if the job has already run or is closed
   */
  async run(events: JobEvents = {}): Promise<JobResult> {
    if (this.#running) throw stateError('TrainingJob.run', 'the job is already running')
    if (this.#isClosed) {
      const next = this.#folder ? 'continue with TrainingJob.resume' : 'begin another with TrainingJob.create'
      throw stateError('TrainingJob.run', `the job has ended or is closed; ${next}`)
    }
    const checked = new RunEvents(events)
    const result = this.#runOnce(checked)
    const ended = () => {
      this.#running = undefined
    }
    this.#running = { events: checked, ended: result.then(ended, ended) }
    return result
  }

  /**
   * Releases the folder and the log; `TrainingJob.resume` opens the folder again. Stops a run in progress as its signal
   * would: it saves, and `run` rejects. Does nothing if the job is closed.
   */
  async close(): Promise<void> {
    if (this.#running) {
      this.#running.events.close()
      await this.#running.ended
    } else if (!this.#isClosed) this.#release()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #runOnce(events: RunEvents): Promise<JobResult> {
    const { precision } = kernels()
    setFloat32MatmulPrecision(this.settings.precision)
    try {
      return await this.#run.run(events)
    } finally {
      setFloat32MatmulPrecision(precision)
      this.#release()
    }
  }

  #release(): void {
    this.#isClosed = true
    try {
      this.#log.close()
    } finally {
      this.#folder?.release()
    }
  }
}

function newModel(settings: JobSettings, vocabSize: number): LanguageModel {
  return new LanguageModel({ ...modelSettingsOf(settings), vocabSize, seed: settings.seed })
}

/** The progress in a checkpoint. If the learning rate was changed, its decay is reset. */
function progressUnder(settings: JobSettings, { progress, config }: JobCheckpoint): JobProgress {
  if (config.settings?.lr === settings.lr) return progress
  return { ...progress, plateau: { ...progress.plateau, lrFactor: 1 } }
}

function startRecord(settings: JobSettings, { train, vocabulary, floor }: Texts): LogRecord {
  return { type: 'start', words: train.length, vocabSize: vocabulary.size, ...settings, floor }
}
