/** The events of a training job, and how to stop it. */
import { checkOptions, checkSignal } from '../checks.ts'
import { stateError, typeError } from '../errors.ts'
import type { Evaluation } from '../train/perplexity.ts'
import type { FitProgress } from '../train/trainer.ts'

/** Callbacks may return a promise, which the run awaits. If a callback throws or its promise rejects, so does `run`. */
export interface JobEvents {
  /**
   * Stops the job after the current iteration. The job saves a checkpoint, and `run` rejects with the signal's reason.
   */
  signal?: AbortSignal
  /** Called after each iteration with a reused object. */
  onProgress?: (progress: Readonly<FitProgress>) => unknown
  /** Called after each epoch, with the evaluation on the validation text if there is one. */
  onEpoch?: (progress: EpochProgress, validation: Evaluation | undefined) => unknown
  /** Called with a failure that does not stop the run, such as a checkpoint that could not be written. */
  onWarning?: (message: string) => unknown
}

export type EpochProgress = Pick<
  FitProgress,
  'epoch' | 'maxEpoch' | 'iteration' | 'iterations' | 'perplexity' | 'seconds' | 'wordsPerSecond'
>

/** The checked events of one run, which can also be stopped internally. */
export class RunEvents {
  /** Aborted when the run must stop for any reason. */
  readonly signal: AbortSignal
  readonly #events: JobEvents
  readonly #stop = new AbortController()
  #isClosed = false

  /** @param lost aborted when another process has taken over the job folder */
  constructor(events: JobEvents, lost?: AbortSignal) {
    const { signal, onProgress, onEpoch, onWarning } = checkOptions('TrainingJob.run', events, [
      'signal',
      'onProgress',
      'onEpoch',
      'onWarning',
    ])
    checkSignal('TrainingJob.run', signal)
    for (const [name, callback] of Object.entries({ onProgress, onEpoch, onWarning })) {
      if (callback !== undefined && typeof callback !== 'function')
        throw typeError('TrainingJob.run', name, 'a function', callback)
    }
    this.#events = events
    this.signal = AbortSignal.any([signal, lost, this.#stop.signal].filter((one) => one !== undefined))
  }

  /** Whether the caller stopped the run, so that it must be saved. */
  get isAborted(): boolean {
    return this.#isClosed || (this.#events.signal?.aborted ?? false)
  }

  get hasWarnings(): boolean {
    return this.#events.onWarning !== undefined
  }

  /** Stops the run after the current iteration, or while it awaits a callback. */
  stop(reason: Error): void {
    this.#stop.abort(reason)
  }

  /** Stops the run because the job is closed. */
  close(): void {
    this.#isClosed = true
    this.stop(stateError('TrainingJob.run', 'the job was closed'))
  }

  async progress(progress: Readonly<FitProgress>): Promise<void> {
    await this.#untilStopped(this.#events.onProgress?.(progress))
  }

  async epoch(progress: EpochProgress, validation: Evaluation | undefined): Promise<void> {
    await this.#untilStopped(this.#events.onEpoch?.(progress, validation))
  }

  async warning(message: string): Promise<void> {
    await this.#untilStopped(this.#events.onWarning?.(message))
  }

  /** A callback may call `TrainingJob.close` and wait for the end of the run that it is part of. */
  async #untilStopped(result: unknown): Promise<void> {
    if (typeof (result as PromiseLike<unknown> | undefined)?.then !== 'function') return
    const { signal } = this.#stop
    await new Promise<unknown>((resolve, reject) => {
      const stop = () => reject(signal.reason)
      signal.addEventListener('abort', stop)
      if (signal.aborted) stop()
      Promise.resolve(result)
        .finally(() => signal.removeEventListener('abort', stop))
        .then(resolve, reject)
    })
  }
}
