/**
 * One training step: forward, backward, clipping, update.
 *
 * Every step is the same list of operations on the same buffers. The TypeScript code of the layers records the list,
 * which then runs natively: on the calling thread if a step is short, in the background if it is long, so that
 * JavaScript stays responsive. Once two consecutive recordings are equal, the list is replayed without recording until
 * an operation outside of it writes to its buffers (such as new weights, or another state). The next step is then recorded
 * again, which takes some microseconds per operation. Reading the model writes to other buffers and does not count.
 * `recordable.ts` says which models and optimizers compute in TypeScript instead.
 */
import type { TrainableLanguageModel } from '../models/index.ts'
import { GradientClipping, type Optimizer } from '../optim/index.ts'
import { norm, stopUnlessFinite, Tape } from '../tensor/index.ts'
import type { Batches } from './batches.ts'
import { checkRecording, isRecordable } from './recordable.ts'

/** If a step took longer than this, in milliseconds, the next one runs in the background. */
const LONG_STEP = 1

export class TrainingStep {
  readonly #model: TrainableLanguageModel
  readonly #optimizer: Optimizer
  readonly #batches: Batches
  readonly #maxGrad: number | null
  readonly #clipping = new GradientClipping()
  #isRecordable = false
  #recorded: Tape | null = null
  #isSteady = false
  /** True until a step has been found to be short. */
  #isLong = true

  constructor(model: TrainableLanguageModel, optimizer: Optimizer, batches: Batches, maxGrad: number | null) {
    this.#model = model
    this.#optimizer = optimizer
    this.#batches = batches
    this.#maxGrad = maxGrad
  }

  /** The global norm of the gradients of the last update before clipping. */
  get gradientNorm(): number {
    const { grads } = this.#model
    return this.#maxGrad === null ? Math.hypot(...grads.map(norm)) : this.#clipping.norm.value
  }

  get #loss(): number {
    const { sum, counted } = this.#model.lossHead.loss
    return sum.value / counted.value
  }

  /**
   * @returns the loss of the block in `batches`. If the loss or the gradient norm is not finite, the parameters are not
   * changed.
   */
  run(): number | Promise<number> {
    const tape = this.#tape()
    if (!tape) return this.#compute()
    return this.#isLong ? this.#runInBackground(tape) : this.#runAtOnce(tape)
  }

  /** The known tape if a recording would certainly be equal, otherwise a new one; null if steps are not recorded. */
  #tape(): Tape | null {
    this.#isRecordable = isRecordable(this.#model, this.#optimizer)
    if (!this.#isRecordable) {
      this.#isSteady = false
      return null
    }
    if (this.#isSteady && this.#recorded?.isCurrent) return this.#recorded
    const recorded = Tape.record(() => void this.#compute())
    const isKnown = this.#recorded?.equals(recorded) ?? false
    if (!isKnown) checkRecording(recorded, this.#batches, this.#model)
    this.#isSteady = isKnown
    this.#recorded = recorded
    return recorded
  }

  #compute(): number {
    const { xs, ts } = this.#batches
    const loss = this.#model.forward(xs, ts)
    if (this.#isRecordable ? !stopUnlessFinite(this.#model.lossHead.loss.sum) : !Number.isFinite(loss))
      return loss
    this.#model.backward()
    const { grads } = this.#model
    if (this.#maxGrad !== null) {
      this.#clipping.clip(grads, this.#maxGrad)
      if (!stopUnlessFinite(this.#clipping.norm)) return loss
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
    return this.#loss
  }

  async #runInBackground(tape: Tape): Promise<number> {
    const start = performance.now()
    try {
      await tape.runInBackground()
    } catch (cause) {
      throw stepError(cause)
    }
    this.#isLong = performance.now() - start > LONG_STEP
    return this.#loss
  }
}

/** The error of a failed step: `fit: gatherRows: token id 9999 at 3 is outside 0…99`. */
function stepError(cause: unknown): Error {
  return new Error(`fit: ${(cause as Error).message}`, { cause })
}
