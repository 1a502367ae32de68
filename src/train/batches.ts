/**
 * Blocks of a corpus for truncated backpropagation ("Deep Learning from Scratch 2", ch. 5.2 and 5.5). N streams read
 * the data in parallel, T tokens per block; stream i starts at i · floor(size / N). Streams wrap around at the end of
 * the data and continue over epochs.
 */
import { checkInteger } from '../checks.ts'
import { rangeError } from '../errors.ts'
import type { TokenBatch } from '../layers/index.ts'
import { Tensor } from '../tensor/index.ts'

export class Batches {
  /** The current block: input tokens and target tokens. */
  readonly xs: TokenBatch
  readonly ts: TokenBatch
  readonly iterationsPerEpoch: number
  /** The position of the next block in the first stream. */
  timeIdx = 0
  readonly #tokens: Int32Array
  readonly #targets: Int32Array

  constructor(
    operation: string,
    tokens: Int32Array,
    targets: Int32Array,
    batchSize: number,
    timeSize: number,
    epochSize = tokens.length,
  ) {
    const N = checkInteger(operation, 'batchSize', batchSize)
    const T = checkInteger(operation, 'timeSize', timeSize)
    if (tokens.length !== targets.length) {
      throw rangeError(operation, 'ts', `${tokens.length} token ids, as many as xs`, targets.length)
    }
    if (tokens.length < N * T) {
      throw rangeError(
        operation,
        'xs',
        `at least batchSize × timeSize = ${N} × ${T} = ${N * T} token ids (a longer text, or a smaller batchSize or timeSize)`,
        tokens.length,
      )
    }
    this.#tokens = tokens
    this.#targets = targets
    this.xs = Tensor.fixed([N, T], 'int32')
    this.ts = Tensor.fixed([N, T], 'int32')
    checkInteger(operation, 'epochSize', epochSize, N * T)
    this.iterationsPerEpoch = Math.floor(Math.min(epochSize, tokens.length) / (N * T))
  }

  /** Fills `xs` and `ts` with the next block. */
  next(): void {
    const [N, T] = this.xs.shape
    const size = this.#tokens.length
    const jump = Math.floor(size / N)
    for (let i = 0; i < N; i++) {
      let place = (i * jump + this.timeIdx) % size
      for (let t = 0; t < T; t++) {
        this.xs.data[i * T + t] = this.#tokens[place]!
        this.ts.data[i * T + t] = this.#targets[place]!
        place = place + 1 === size ? 0 : place + 1
      }
    }
    this.timeIdx = (this.timeIdx + T) % size
  }
}
