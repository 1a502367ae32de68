/**
 * Which rows of a batch begin a block from a zero state. Each row does with probability p, drawn from the seed and the number of
 * the iteration alone: a run that is resumed draws the same, and no other random number changes.
 */
import { Random } from '../tensor/index.ts'

/** Sets the draws apart from those of initial values and dropout, which have the same seed. */
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

  /** The rows before the given iteration, from 1. */
  at(iteration: number): number[] {
    const random = Random.fromState({ seed: this.#seed, position: iteration * this.#batchSize })
    const rows: number[] = []
    for (let row = 0; row < this.#batchSize; row++) if (random.uniform() < this.#probability) rows.push(row)
    return rows
  }
}
