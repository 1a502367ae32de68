/**
 * A text that a model reads aside, perhaps while it is being trained: with a state of its own, and with training off.
 * Between the pieces that are read, and afterwards, the model's state is as it was found.
 */
import type { ModelState, TrainableLanguageModel } from '../models/index.ts'
import { whenIdle } from './step.ts'

export class Reading {
  readonly #model: TrainableLanguageModel
  #state: ModelState | null = null

  constructor(model: TrainableLanguageModel) {
    this.#model = model
  }

  /** Reads the next piece, from zero states at first. What `read` gives must not be the model's own buffers. */
  async next<Result>(read: () => Result): Promise<Result> {
    const model = this.#model
    await whenIdle(model)
    const states = model.saveState()
    const { training } = model
    try {
      model.training = false
      if (this.#state) model.restoreState(this.#state)
      else model.resetState()
      const result = read()
      this.#state = model.saveState()
      return result
    } finally {
      if (training === undefined) delete model.training
      else model.training = training
      model.restoreState(states)
    }
  }
}
