/** The book's models: LanguageModel with settings of its own for each. */
import { LanguageModel } from './language-model.ts'

interface SeedOption {
  /** Seed of the initial values; the same seed gives the same numbers on every machine. */
  seed?: number | bigint
}

/** A plain recurrent network (ch. 5.5). */
export class SimpleRnnlm extends LanguageModel {
  /** @param vocabSize V  @param wordvecSize D  @param hiddenSize H */
  constructor(vocabSize: number, wordvecSize: number, hiddenSize: number, options: SeedOption = {}) {
    super({ cell: 'rnn', vocabSize, wordvecSize, hiddenSize, ...options })
  }
}

/** The same with an LSTM (ch. 6.4). */
export class Rnnlm extends LanguageModel {
  /** @param vocabSize V  @param wordvecSize D  @param hiddenSize H */
  constructor(vocabSize = 10_000, wordvecSize = 100, hiddenSize = 100, options: SeedOption = {}) {
    super({ cell: 'lstm', vocabSize, wordvecSize, hiddenSize, ...options })
  }
}

/** The same with a GRU (appendix C). */
export class GruRnnlm extends LanguageModel {
  /** @param vocabSize V  @param wordvecSize D  @param hiddenSize H */
  constructor(vocabSize = 10_000, wordvecSize = 100, hiddenSize = 100, options: SeedOption = {}) {
    super({ cell: 'gru', vocabSize, wordvecSize, hiddenSize, ...options })
  }
}

/** Two LSTM layers with dropout and tied weights (ch. 6.5). */
export class BetterRnnlm extends LanguageModel {
  /** @param vocabSize V  @param wordvecSize D  @param hiddenSize H, equal to D  @param dropoutRatio in [0, 1) */
  constructor(
    vocabSize = 10_000,
    wordvecSize = 650,
    hiddenSize = 650,
    dropoutRatio = 0.5,
    options: SeedOption = {},
  ) {
    super({
      cell: 'lstm',
      layers: 2,
      dropout: dropoutRatio,
      tieWeights: true,
      vocabSize,
      wordvecSize,
      hiddenSize,
      ...options,
    })
  }
}
