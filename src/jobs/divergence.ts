/**
 * Detects training whose loss is finite but hopeless. An epoch has diverged if its perplexity on the training text is
 * more than 10 times that of the unigram model and more than 2·V. An untrained model predicts about the same
 * probability for all V words and has a perplexity of about V, so slow training is never reported as diverged.
 */
import { inPieces } from '../pace.ts'
import { unigramInPieces } from '../train/unigram.ts'

const FAR_ABOVE_UNIGRAM = 10
const FAR_ABOVE_VOCABULARY = 2

export class DivergenceCheck {
  readonly #text: Int32Array
  readonly #vocabSize: number
  #unigram: number | undefined

  /** @param text the training text */
  constructor(text: Int32Array, vocabSize: number) {
    this.#text = text
    this.#vocabSize = vocabSize
  }

  /** Returns the perplexity of the unigram model if that of the epoch is far above it, otherwise undefined. */
  async unigramFarBelow(perplexity: number, signal: AbortSignal | undefined): Promise<number | undefined> {
    if (!(perplexity > FAR_ABOVE_VOCABULARY * this.#vocabSize)) return undefined
    this.#unigram ??= (
      await inPieces(unigramInPieces(this.#text, this.#text, this.#vocabSize), signal)
    ).perplexity
    return perplexity > FAR_ABOVE_UNIGRAM * this.#unigram ? this.#unigram : undefined
  }
}
