/**
 * Selects the rows of a batch that start a block from a zero state. Each row does so with probability p, depending only
 * on the seed and the iteration: a resumed run makes the same choices, and other random numbers are not affected.
 */
import { Random } from '../tensor/index.ts'

/** Separates these random numbers from those of initial values and dropout, which use the same seed. */
const KEY = 0x5245_5345_5453n

export class StateResets {
  readonly #probability: number
  readonly #seed: bigint
  readonly #batchSize: number

  constructor(probability: number, seed: bigint, batchSize: number) {
    this.#probability = probability
    this.#seed = seed ^ KEY
    this.#batchSize = batchSize
  }

  /** The rows to reset before the given iteration, from 1. */
  at(iteration: number): number[] {
    const random = Random.fromState({ seed: this.#seed, position: iteration * this.#batchSize })
    const rows: number[] = []
    for (let row = 0; row < this.#batchSize; row++) if (random.uniform() < this.#probability) rows.push(row)
    return rows
  }
}
