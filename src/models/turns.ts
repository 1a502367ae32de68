/**
 * Who uses a model that is being trained. A step has the model to itself, and so has each reader (a block of an
 * evaluation, a word of a generated text): readers wait in one queue, first come, first served.
 *
 * Between two steps, readers get half the time that the step before took. If the last of them takes longer, later steps
 * make up for it. So training keeps half its speed, even if every core is busy with the step while the readers' callers
 * prepare their next requests; and every reader is served in turn. While a callback of the
 * training waits for something, readers are served too; the callback's own readings are part of the training and
 * never queue.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { stateError } from '../errors.ts'
import { LONGEST_STRETCH } from '../pace.ts'
import type { ReadableModel } from './model.ts'

/** The readers' time between two steps, as a share of the step's. */
const READERS_SHARE = 0.5

export interface TurnOptions {
  /** Leaves the queue when it is aborted, at the next turn. */
  signal?: AbortSignal | undefined
  /** Whether this is a reading by a callback of the training, which waits for it. */
  isOwn?: boolean
}

interface Waiting {
  signal: AbortSignal | undefined
  read(): void
  leave(): void
}

export class Turns {
  static readonly #ofModels = new WeakMap<ReadableModel, Turns>()
  readonly #now: () => number
  #queue: Waiting[] = []
  #isTraining = false
  /** Whether a callback of the training is running, or waiting. */
  #isInCallback = false
  /** Milliseconds that readers may use; negative after a reader that used more. */
  #credit = 0
  /** Milliseconds that the callback's own readings took since others were served. */
  #ownTime = 0
  #isServing = false

  constructor(now = () => performance.now()) {
    this.#now = now
  }

  static of(model: ReadableModel): Turns {
    const known = Turns.#ofModels.get(model)
    if (known) return known
    const turns = new Turns()
    Turns.#ofModels.set(model, turns)
    return turns
  }

  /** Training begins: from now on readers wait. */
  begin(): void {
    if (this.#isTraining)
      throw stateError('fit', 'this model is being trained already; wait until that is done')
    this.#isTraining = true
    this.#credit = 0
  }

  /** Training ends: all that wait are served. */
  end(): void {
    this.#isTraining = false
    this.#serveMeanwhile()
  }

  /** Calls `read` when the model is free: at once if nothing trains it. */
  async take<Result>(read: () => Result, { signal, isOwn = false }: TurnOptions = {}): Promise<Result> {
    signal?.throwIfAborted()
    if (isOwn && this.#isInCallback) {
      const start = this.#now()
      try {
        return read()
      } finally {
        this.#ownTime += this.#now() - start
      }
    }
    if (!this.#isTraining && this.#queue.length === 0) return read()
    const turn = new Promise<Result>((resolve, reject) => {
      this.#queue.push({
        signal,
        read: () => {
          try {
            resolve(read())
          } catch (error) {
            reject(error)
          }
        },
        leave: () => reject(signal!.reason),
      })
    })
    this.#serveMeanwhile()
    return turn
  }

  /** Between two steps: lets the event loop run, and those that wait. @param milliseconds that the step before took */
  async betweenSteps(milliseconds: number): Promise<void> {
    this.#earn(READERS_SHARE * milliseconds)
    do {
      this.#credit -= this.#serve(Math.min(this.#credit, LONGEST_STRETCH))
      await nextTurn()
    } while (this.#queue.length > 0 && this.#credit > 0)
  }

  /** Runs a callback of the training and waits for it. */
  async during(callback: () => void | Promise<void>): Promise<void> {
    this.#isInCallback = true
    try {
      const result = callback()
      this.#serveMeanwhile()
      await result
    } finally {
      this.#isInCallback = false
    }
  }

  /** What was not used is gone, so that readers never get more than the time of one step. */
  #earn(milliseconds: number): void {
    this.#credit = Math.min(this.#credit, 0) + milliseconds
  }

  /** Serves those that wait until the time is used up. @returns the milliseconds used */
  #serve(milliseconds: number): number {
    this.#queue = this.#queue.filter((waiting) => {
      if (waiting.signal?.aborted) waiting.leave()
      return !waiting.signal?.aborted
    })
    const start = this.#now()
    let used = 0
    while (used < milliseconds && this.#queue.length > 0) {
      this.#queue.shift()!.read()
      used = this.#now() - start
    }
    return used
  }

  /** Serves those that wait, turn by turn of the event loop, as long as no step needs the model. */
  #serveMeanwhile(): void {
    if (this.#isServing || this.#isClosed) return
    this.#isServing = true
    setImmediate(() => {
      this.#isServing = false
      if (this.#isClosed) return
      if (this.#ownTime > 0) {
        this.#earn(this.#ownTime)
        this.#ownTime = 0
        this.#credit -= this.#serve(this.#credit)
      } else this.#serve(LONGEST_STRETCH)
      this.#serveMeanwhile()
    })
  }

  get #isClosed(): boolean {
    return this.#queue.length === 0 || (this.#isTraining && !this.#isInCallback)
  }
}
