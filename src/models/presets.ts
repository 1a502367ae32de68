/** The models of the book, as presets of LanguageModel. */
import { checkOptions } from '../checks.ts'
import { LanguageModel } from './language-model.ts'

interface SeedOption {
  /** Random seed for initial values. The same seed gives the same numbers on every machine. */
  seed?: number | bigint
}

/** A language model with a plain RNN (ch. 5.5). */
export class SimpleRnnlm extends LanguageModel {
  /** @param vocabSize V  @param wordvecSize D  @param hiddenSize H */
  constructor(vocabSize: number, wordvecSize: number, hiddenSize: number, options: SeedOption = {}) {
    super({ cell: 'rnn', vocabSize, wordvecSize, hiddenSize, ...checkOptions(new.target.name, options) })
  }
}

/** A language model with an LSTM (ch. 6.4). */
export class Rnnlm extends LanguageModel {
  /** @param vocabSize V  @param wordvecSize D  @param hiddenSize H */
  constructor(vocabSize = 10_000, wordvecSize = 100, hiddenSize = 100, options: SeedOption = {}) {
    super({ cell: 'lstm', vocabSize, wordvecSize, hiddenSize, ...checkOptions(new.target.name, options) })
  }
}

/** A language model with a GRU (appendix C). */
export class GruRnnlm extends LanguageModel {
  /** @param vocabSize V  @param wordvecSize D  @param hiddenSize H */
  constructor(vocabSize = 10_000, wordvecSize = 100, hiddenSize = 100, options: SeedOption = {}) {
    super({ cell: 'gru', vocabSize, wordvecSize, hiddenSize, ...checkOptions(new.target.name, options) })
  }
}

interface BetterRnnlmOptions extends SeedOption {
  /** Dropout probability, in [0, 1); defaults to 0.5. */
  dropout?: number
}

/** A language model with two stacked LSTM layers, dropout and weight tying (ch. 6.5). */
export class BetterRnnlm extends LanguageModel {
  /**
   * @param vocabSize V  @param wordvecSize D  @param hiddenSize H, equal to D
   * @param dropout the options, or the ratio alone as in the book, with the other options after it
   */
  constructor(
    vocabSize = 10_000,
    wordvecSize = 650,
    hiddenSize = 650,
    dropout: number | BetterRnnlmOptions = {},
    options: SeedOption = {},
  ) {
    const { name } = new.target
    const given =
      typeof dropout === 'number' ? { dropout, ...checkOptions(name, options) } : checkOptions(name, dropout)
    super({
      cell: 'lstm',
      layers: 2,
      dropout: 0.5,
      tieWeights: true,
      vocabSize,
      wordvecSize,
      hiddenSize,
      ...given,
    })
  }
}
