/**
 * Schedules the use of a model in training. Each training step and each reader (a block of an evaluation, a token of
 * generated text) needs exclusive access. Readers wait in a queue, first come, first served.
 *
 * Between two steps, readers get half the time of the previous step. If the last reader takes longer, later readers get
 * less. Training therefore keeps at least half its speed, even if every core is busy while callers prepare their next
 * requests, and every reader is eventually served. Readers are also served while a callback of the training waits.
 * Reads by the callback itself are part of the training and never queue.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { stateError } from '../errors.ts'
import { LONGEST_STRETCH } from '../pace.ts'
import type { ReadableModel } from './model.ts'

/** The time of readers between two steps, as a fraction of the step time. */
const READERS_SHARE = 0.5

interface TurnOptions {
  /** Removes the reader from the queue at the next turn when aborted. */
  signal?: AbortSignal | undefined
  /** Whether a callback of the training is running or waiting. */
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
  /** Whether a callback of the training is running or waiting. */
  #isInCallback = false
  /** Milliseconds available to readers; negative after a reader that used more. */
  #credit = 0
  /** Milliseconds used by reads of the callback since others were served. */
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

  /** Starts training: readers wait from now on. */
  begin(): void {
    if (this.#isTraining)
      throw stateError('fit', 'this model is being trained already; wait until that is done')
    this.#isTraining = true
    this.#credit = 0
  }

  /** Ends training: all waiting readers are served. */
  end(): void {
    this.#isTraining = false
    this.#serveMeanwhile()
  }

  /** Calls `read` when the model is free; immediately if it is not being trained. */
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

  /**
   * Called between two steps: lets the event loop run and serves waiting readers. @param milliseconds duration of the
   * previous step
   */
  async betweenSteps(milliseconds: number): Promise<void> {
    this.#earn(READERS_SHARE * milliseconds)
    do {
      this.#credit -= this.#serve(Math.min(this.#credit, LONGEST_STRETCH))
      await nextTurn()
    } while (this.#queue.length > 0 && this.#credit > 0)
  }

  /** Runs and awaits a callback of the training. */
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

  /** Unused time expires, so that readers never get more than the time of one step. */
  #earn(milliseconds: number): void {
    this.#credit = Math.min(this.#credit, 0) + milliseconds
  }

  /** Serves waiting readers until the time is used up. @returns the milliseconds used */
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

  /** Serves waiting readers, one per turn of the event loop, until a step needs the model. */
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
