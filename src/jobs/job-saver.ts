/**
 * Writes the checkpoints of a job: copies the state to its own memory, then writes to disk while training continues. If
 * a checkpoint cannot be written, earlier ones stay intact.
 */
import type { Vocabulary } from '../data/vocabulary.ts'
import {
  type Checkpoint,
  checkpointMetadata,
  checkpointTensors,
  readCheckpoint,
} from '../interop/checkpoint.ts'
import { SafetensorsWriter } from '../interop/safetensors.ts'
import type { LanguageModel } from '../models/index.ts'
import type { Optimizer, PlateauState } from '../optim/index.ts'
import { norm } from '../tensor/index.ts'
import type { FitState } from '../train/fit-state.ts'
import type { BestEpoch, BestWeights } from './best-weights.ts'
import type { JobFolder } from './job-folder.ts'
import type { JobSettings } from './settings.ts'

/** The state that the rest of a run depends on, besides tensors and the random generator. */
export interface JobProgress {
  fit: FitState
  plateau: PlateauState
  /** Number of epochs that were evaluated, logged and saved. */
  epochsFinished: number
  best: BestEpoch | null
  /** Size of the log when the checkpoint was made. */
  logSize: number
  /** Checksum of the texts, to detect changed files. */
  textChecksum: number
}

export type JobCheckpoint = Checkpoint<JobProgress, JobSettings>

export function readJobCheckpoint(path: string): JobCheckpoint {
  return readCheckpoint<JobProgress, JobSettings>(path)
}

interface Subject {
  model: LanguageModel
  optimizer: Optimizer
  vocabulary: Vocabulary
  best: BestWeights
}

const MILLISECONDS_PER_MINUTE = 60_000

export class JobSaver {
  /** Iteration of the newest checkpoint. */
  iteration: number
  readonly #folder: JobFolder
  readonly #subject: Subject
  readonly #writer = new SafetensorsWriter()
  #savedAt = Date.now()
  /** The epoch whose weights are in best.safetensors. */
  #savedBest: BestEpoch | null
  #saving: Promise<void> | null = null
  /** The reason why the latest checkpoint could not be written. */
  #failure: unknown

  /** @param iteration of the checkpoint from which the job continues; 0 for none */
  constructor(folder: JobFolder, subject: Subject, iteration: number) {
    this.#folder = folder
    this.#subject = subject
    this.#savedBest = subject.best.epoch
    this.iteration = iteration
  }

  /** Whether the last save was started long enough ago and has finished. */
  get isDue(): boolean {
    const minutes = (Date.now() - this.#savedAt) / MILLISECONDS_PER_MINUTE
    return !this.#saving && minutes >= this.#folder.settings.saveInterval
  }

  /** Starts saving. A failure is reported and kept for `finish`. */
  begin(progress: JobProgress, onFailure: (error: unknown) => void): void {
    const saving = this.save(progress)
      .catch((error) => {
        this.#failure = error
        onFailure(error)
      })
      .finally(() => {
        if (this.#saving === saving) this.#saving = null
      })
    this.#saving = saving
  }

  /** Resolves when no save is in progress. */
  async whenIdle(): Promise<void> {
    await this.#saving
  }

  /**
   * Waits for the last checkpoint.
   * @throws the error of writing it
   */
  async finish(): Promise<void> {
    await this.#saving
    if (this.#failure) throw this.#failure
  }

  /** @throws an error that names the file and the reason, or says that the weights are not finite */
  async save(progress: JobProgress): Promise<void> {
    const { model, optimizer, vocabulary, best } = this.#subject
    const { iteration } = progress.fit
    this.#savedAt = Date.now()
    this.#folder.check()
    if (model.params.some((param) => !Number.isFinite(norm(param)))) {
      throw new Error(`no checkpoint is written: the weights are not finite at iteration ${iteration}`)
    }
    const { last, settings } = this.#folder
    const metadata = checkpointMetadata(model, optimizer, { vocabulary, progress, settings })
    const bestBefore = best.epoch === this.#savedBest ? undefined : this.#saveBest(metadata)
    await this.#writer.save(last, checkpointTensors(model, optimizer), metadata, bestBefore)
    this.iteration = iteration
    this.#failure = undefined
  }

  async #saveBest(metadata: Record<string, string>): Promise<void> {
    const { epoch, tensors } = this.#subject.best
    await this.#writer.save(this.#folder.best, tensors, metadata)
    this.#savedBest = epoch
  }
}
