/**
 * Training that has come to a loss that is finite but hopeless. The measure is the unigram model, which knows nothing but
 * how frequent words are: an epoch has diverged if its perplexity on the training text is more than 10 times the unigram
 * model's, and more than twice V. A model that has learned nothing yet gives all V words about the same probability, and
 * has about V: so slow training never counts, and a model above 2·V is surely wrong.
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

  /** The perplexity of the unigram model if that of an epoch is far above it; undefined otherwise. */
  async farBelow(perplexity: number, signal: AbortSignal | undefined): Promise<number | undefined> {
    if (!(perplexity > FAR_ABOVE_VOCABULARY * this.#vocabSize)) return undefined
    this.#unigram ??= (
      await inPieces(unigramInPieces(this.#text, this.#text, this.#vocabSize), signal)
    ).perplexity
    return perplexity > FAR_ABOVE_UNIGRAM * this.#unigram ? this.#unigram : undefined
  }
}
