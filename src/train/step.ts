/**
 * One step of training: forward, backward, clipping, update.
 *
 * A step is the same list of operations on the same buffers every time. It is recorded while the layers' TypeScript runs,
 * and once two recordings in a row are the same, the list runs natively instead: at once where a step is short, on a
 * thread of its own where it is long, so that JavaScript is free meanwhile. Any other operation in between (an evaluation,
 * say) has the next step recorded again. Models and optimizers that are not recordable run in TypeScript always.
 */
import type { TrainableLanguageModel } from '../models/index.ts'
import { clipGrads, clippingNorm, type Optimizer } from '../optim/index.ts'
import { norm, stopUnlessFinite, Tape } from '../tensor/index.ts'
import type { Batches } from './batches.ts'

/** Steps that take longer, in milliseconds, run on a thread of their own. */
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
  #isLong = false

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
   * @returns the loss of the block that `batches` holds; where it is not finite, or the norm that clipping found is not,
   * the parameters stay as they are
   */
  run(): number | Promise<number> {
    if (!this.#isRecordable) return this.#compute()
    if (this.#isSteady && this.#recorded?.isLatest) return this.#runRecorded(this.#recorded)
    const start = performance.now()
    const recorded = Tape.record(() => void this.#compute())
    this.#isLong = performance.now() - start > LONG_STEP
    this.#isSteady = this.#recorded?.equals(recorded) ?? false
    this.#recorded = recorded
    return this.#model.lossLayer.loss
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

  #runRecorded(tape: Tape): number | Promise<number> {
    if (this.#isLong) return this.#runApart(tape)
    tape.run()
    return this.#model.lossLayer.loss
  }

  async #runApart(tape: Tape): Promise<number> {
    await tape.runApart()
    return this.#model.lossLayer.loss
  }
}
