/**
 * Where sentences start in a block of tokens: at each `<eos>` that is read. A recurrent layer that is given them reads each
 * sentence from a zero state, and passes no gradient from a sentence to the one before.
 */
import { clearRows, Tensor } from '../tensor/index.ts'
import { type Batch2, requireForward, type TokenBatch } from './layer.ts'
import { Workspace } from './workspace.ts'

interface Tokens {
  /** A copy of the tokens [N, T]: the caller may change its own tensor before backward. */
  all: TokenBatch
  /** The tokens of each step, [N]. */
  steps: Tensor<'int32'>[]
}

export class SentenceStarts {
  readonly #endOfSentence: number
  readonly #workspace = new Workspace((N, T): Tokens => {
    const byStep = Tensor.fixed([T, N], 'int32')
    return { all: byStep.transpose(), steps: Array.from({ length: T }, (_, t) => byStep.select(0, t)) }
  })
  #tokens?: Tokens

  /** @param endOfSentence the id of `<eos>` */
  constructor(endOfSentence: number) {
    this.#endOfSentence = endOfSentence
  }

  /** Takes the tokens of the block that the layers read next. @param xs int32 [N, T] */
  forward(xs: TokenBatch): void {
    this.#tokens = this.#workspace.for(...xs.shape)
    this.#tokens.all.copyFrom(xs)
  }

  /** Sets the rows of a tensor [N, H] to zero in which a sentence starts at step t. */
  clear(t: number, rows: Batch2): void {
    const { steps } = requireForward('SentenceStarts.clear', this.#tokens)
    clearRows(steps[t]!, this.#endOfSentence, rows)
  }
}
