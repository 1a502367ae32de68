/**
 * Random numbers from Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): each
 * 32-bit word is a function of the seed and of its position in the stream. The same seed gives the same numbers on
 * every machine and instruction set, and a generator is saved by writing down two numbers.
 */
import { checkInteger } from '../checks.ts'
import { rangeError, typeError } from '../errors.ts'
import { native } from '../native.ts'
import { Scalar } from './scalar.ts'

const WORDS_PER_BLOCK = 4
const CACHED_WORDS = 256
const LARGEST_SEED = 2n ** 64n - 1n

export interface RandomState {
  seed: bigint
  /** 32-bit words of the stream that are used up. */
  position: number
}

export class Random {
  readonly seed: bigint
  /** The number of 32-bit words of the stream that are used up. Recorded operations advance it each time they run. */
  readonly position = new Scalar()
  readonly #cache = new Uint32Array(CACHED_WORDS)
  #cacheStart = -CACHED_WORDS

  /** @param seed an integer from 0 to 2^64 − 1 */
  constructor(seed: number | bigint = 0) {
    if (typeof seed === 'bigint') {
      if (seed < 0n || seed > LARGEST_SEED)
        throw rangeError('Random', 'seed', 'an integer in 0…2^64 − 1', seed)
      this.seed = seed
    } else {
      this.seed = BigInt(checkInteger('Random', 'seed', seed, 0))
    }
  }

  get state(): RandomState {
    return { seed: this.seed, position: this.position.value }
  }

  /** Creates a generator that continues from `state`. */
  static fromState(state: RandomState): Random {
    const random = new Random(state.seed)
    random.position.value = checkInteger('Random.fromState', 'position', state.position, 0)
    return random
  }

  /**
   * Goes on where the generator that gave `state` stood.
   * @throws {RangeError} where that one has another seed
   */
  restore(state: RandomState): void {
    if (state.seed !== this.seed) throw rangeError('Random.restore', 'seed', String(this.seed), state.seed)
    this.position.value = checkInteger('Random.restore', 'position', state.position, 0)
  }

  /** A number in [0, 1) with 32 random bits. */
  uniform(): number {
    return this.#word() / 2 ** 32
  }

  /** An integer in 0 … limit − 1, each equally likely up to one part in 2^32 / limit. */
  integer(limit: number): number {
    checkInteger('Random.integer', 'limit', limit, 1, 2 ** 32)
    return Math.floor(this.uniform() * limit)
  }

  /** Fills with numbers in [low, high). */
  fillUniform(data: Float32Array, low = 0, high = 1): void {
    if (!(low < high)) throw rangeError('Random.fillUniform', 'high', `a number above low (${low})`, high)
    native.fillUniform(this.seed, this.#takeBlocks(data), low, high, data.length, data, 0)
  }

  /** Fills with normally distributed numbers of mean 0 and standard deviation `scale`. */
  fillNormal(data: Float32Array, scale = 1): void {
    native.fillNormal(this.seed, this.#takeBlocks(data), scale, data.length, data, 0)
  }

  /** A fill starts at a whole block and uses whole blocks; returns the number of its first one. */
  #takeBlocks(data: Float32Array): bigint {
    if (!(data instanceof Float32Array)) throw typeError('Random', 'data', 'a Float32Array', data)
    const first = Math.ceil(this.position.value / WORDS_PER_BLOCK)
    this.position.value = (first + Math.ceil(data.length / WORDS_PER_BLOCK)) * WORDS_PER_BLOCK
    return BigInt(first)
  }

  #word(): number {
    const used = this.position.value
    let place = used - this.#cacheStart
    if (place < 0 || place >= CACHED_WORDS) {
      const block = Math.floor(used / WORDS_PER_BLOCK)
      native.fillBits(this.seed, BigInt(block), CACHED_WORDS, this.#cache, 0)
      this.#cacheStart = block * WORDS_PER_BLOCK
      place = used - this.#cacheStart
    }
    this.position.value = used + 1
    return this.#cache[place]!
  }
}
