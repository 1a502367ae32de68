/**
 * A bag-of-words language model: predicts the next word from the mean of the vectors of the n previous words. It is
 * CBOW (Mikolov et al. 2013; "Deep Learning from Scratch 2", ch. 3.4 and 5.1.2) with a left window only. The order of
 * the words is lost.
 *
 *     scores[:, t] = 1/n Σ W[x[:, t−j]] · U + b,   j = 0 … n − 1        W [V+1, D], U [D, V]
 */
import { checkInteger, checkOptions } from '../checks.ts'
import { SoftmaxHead, TimeAffine, TimeEmbedding, TimeWindowMean } from '../layers/index.ts'
import { Random, Tensor } from '../tensor/index.ts'
import { randomVectors, randomWeights } from './initial-values.ts'
import { DEFAULT_WINDOW, WindowModel, type WindowOptions } from './window-model.ts'

export class CbowLm extends WindowModel {
  /** @param vocabSize V  @param wordvecSize D  @param options `window`: n, 10; `seed` */
  constructor(vocabSize: number, wordvecSize: number, options: WindowOptions = {}) {
    const { window = DEFAULT_WINDOW, seed = 0 } = checkOptions('CbowLm', options, ['window', 'seed'])
    const V = checkInteger('CbowLm', 'vocabSize', vocabSize)
    const D = checkInteger('CbowLm', 'wordvecSize', wordvecSize)
    checkInteger('CbowLm', 'window', window)
    const rng = new Random(seed)
    const embedding = new TimeEmbedding(randomVectors(V + 1, D, rng))
    const hidden = [new TimeWindowMean(window, D)]
    const head = new SoftmaxHead(new TimeAffine(randomWeights(D, V, rng), Tensor.fixed([V])))
    super({ embedding, hidden, head }, window, rng)
  }

  protected namedHiddenParams(): [string, Tensor][] {
    return []
  }
}
