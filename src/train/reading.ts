/**
 * A text that a model reads aside, perhaps while it is being trained: with a state of its own, and with training off.
 * Between the pieces that are read, and afterwards, the model's state is as it was found.
 */
import type { ModelState, TrainableLanguageModel } from '../models/index.ts'
import { type TurnOptions, Turns } from './turns.ts'

export class Reading {
  readonly #model: TrainableLanguageModel
  readonly #options: TurnOptions
  #state: ModelState | null = null

  constructor(model: TrainableLanguageModel, options: TurnOptions = {}) {
    this.#model = model
    this.#options = options
  }

  /**
   * Reads the next piece, from zero states at first. What `read` gives must not be the model's own buffers.
   * @throws the signal's reason if it is aborted before
   */
  next<Result>(read: () => Result): Promise<Result> {
    return Turns.of(this.#model).take(() => this.#read(read), this.#options)
  }

  #read<Result>(read: () => Result): Result {
    const model = this.#model
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
      setTraining(model, training)
      model.restoreState(states)
    }
  }
}

/** Puts back what `model.training` was, undefined for a model without it. */
export function setTraining(model: TrainableLanguageModel, training: boolean | undefined): void {
  if (training === undefined) delete model.training
  else model.training = training
}
