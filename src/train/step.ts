/**
 * One step of training: forward, backward, clipping, update.
 *
 * A step is the same list of operations on the same buffers every time. The layers' TypeScript only records it; the list
 * runs natively: at once if a step is short, on a thread of its own if it is long, so that JavaScript is free meanwhile.
 * Once two recordings in a row are equal, the list runs again without a recording, until this thread calls for any other
 * operation (an evaluation, another model's answer): the next step is then recorded again, which takes some microseconds
 * an operation. Models and optimizers that are not recordable always compute in TypeScript.
 */
import type { TrainableLanguageModel } from '../models/index.ts'
import { clipGrads, clippingNorm, type Optimizer } from '../optim/index.ts'
import { norm, stopUnlessFinite, Tape } from '../tensor/index.ts'
import type { Batches } from './batches.ts'

/** After a step that took longer, in milliseconds, the next one runs on a thread of its own. */
const LONG_STEP = 1

/** Methods put on the object itself (a spy, a wrapper) are somebody's wish to be called. */
function isRecordable<Subject extends object>(
  subject: Subject & { isRecordable?: boolean },
  ...methods: string[]
) {
  return Boolean(subject.isRecordable) && !methods.some((method) => Object.hasOwn(subject, method))
}

export class TrainingStep {
  readonly #model: TrainableLanguageModel
  readonly #optimizer: Optimizer
  readonly #batches: Batches
  readonly #maxGrad: number | null
  readonly #isRecordable: boolean
  #recorded: Tape | null = null
  #isSteady = false
  /** Until a step has been found to be short. */
  #isLong = true

  constructor(model: TrainableLanguageModel, optimizer: Optimizer, batches: Batches, maxGrad: number | null) {
    this.#model = model
    this.#optimizer = optimizer
    this.#batches = batches
    this.#maxGrad = maxGrad
    this.#isRecordable = isRecordable(model, 'forward', 'backward') && isRecordable(optimizer, 'update')
  }

  /** The norm of the gradients of the last update, before clipping. */
  get gradientNorm(): number {
    const { grads } = this.#model
    return this.#maxGrad === null ? Math.hypot(...grads.map(norm)) : clippingNorm(grads)[0]!
  }

  /**
   * @returns the loss of the block that `batches` holds; if it is not finite, or the norm that clipping found is not,
   * the parameters stay as they are
   */
  run(): number | Promise<number> {
    if (!this.#isRecordable) return this.#compute()
    const tape = this.#tape()
    return this.#isLong ? this.#runInBackground(tape) : this.#runAtOnce(tape)
  }

  /** The one that is known, if it is certain that a recording would be equal; otherwise a new recording. */
  #tape(): Tape {
    if (this.#isSteady && this.#recorded?.isLatest) return this.#recorded
    const recorded = Tape.record(() => void this.#compute())
    this.#isSteady = this.#recorded?.equals(recorded) ?? false
    this.#recorded = recorded
    return recorded
  }

  #compute(): number {
    const { xs, ts } = this.#batches
    const loss = this.#model.forward(xs, ts)
    if (this.#isRecordable ? !stopUnlessFinite(this.#model.lossLayer.result) : !Number.isFinite(loss))
      return loss
    this.#model.backward()
    const { grads } = this.#model
    if (this.#maxGrad !== null) {
      clipGrads(grads, this.#maxGrad)
      if (!stopUnlessFinite(clippingNorm(grads))) return loss
    }
    this.#optimizer.update(this.#model.params, grads)
    return loss
  }

  #runAtOnce(tape: Tape): number {
    const start = performance.now()
    try {
      tape.run()
    } catch (cause) {
      throw stepError(cause)
    }
    this.#isLong = performance.now() - start > LONG_STEP
    return this.#model.lossLayer.loss
  }

  async #runInBackground(tape: Tape): Promise<number> {
    const start = performance.now()
    try {
      await tape.runInBackground()
    } catch (cause) {
      throw stepError(cause)
    }
    this.#isLong = performance.now() - start > LONG_STEP
    return this.#model.lossLayer.loss
  }
}

/** A step has failed: `fit: gatherRows: token id 9999 at 3 is outside 0…99`. */
function stepError(cause: unknown): Error {
  return new Error(`fit: ${(cause as Error).message}`, { cause })
}
