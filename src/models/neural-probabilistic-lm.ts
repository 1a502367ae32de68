/**
 * The neural probabilistic language model (Bengio et al., "A neural probabilistic language model", JMLR 2003, equation
 * 1, without direct connections): the concatenated vectors of the n previous words pass through a hidden layer. Word
 * order matters: each position in the window has its own weights.
 *
 *     scores[:, t] = tanh([W[x[:, t−n+1]], …, W[x[:, t]]] · H + d) · U + b        W [V+1, D], H [n·D, H], U [H, V]
 */
import { checkInteger, checkOptions } from '../checks.ts'
import { SoftmaxHead, TimeAffine, TimeEmbedding, TimeTanh, TimeWindow } from '../layers/index.ts'
import { Random, Tensor } from '../tensor/index.ts'
import { randomVectors, randomWeights } from './initial-values.ts'
import { DEFAULT_WINDOW, WindowModel, type WindowOptions } from './window-model.ts'

export class NeuralProbabilisticLm extends WindowModel {
  readonly #hidden: TimeAffine

  /** @param vocabSize V  @param wordvecSize D  @param hiddenSize H  @param options `window`: n, 10; `seed` */
  constructor(vocabSize: number, wordvecSize: number, hiddenSize: number, options: WindowOptions = {}) {
    const name = 'NeuralProbabilisticLm'
    const { window = DEFAULT_WINDOW, seed = 0 } = checkOptions(name, options, ['window', 'seed'])
    const V = checkInteger(name, 'vocabSize', vocabSize)
    const D = checkInteger(name, 'wordvecSize', wordvecSize)
    const H = checkInteger(name, 'hiddenSize', hiddenSize)
    checkInteger(name, 'window', window)
    const rng = new Random(seed)
    const embedding = new TimeEmbedding(randomVectors(V + 1, D, rng))
    const hidden = new TimeAffine(randomWeights(window * D, H, rng), Tensor.fixed([H]))
    const head = new SoftmaxHead(new TimeAffine(randomWeights(H, V, rng), Tensor.fixed([V])))
    const layers = { embedding, hidden: [new TimeWindow(window, D), hidden, new TimeTanh(H)], head }
    super(layers, window, rng)
    this.#hidden = hidden
  }

  protected namedHiddenParams(): [string, Tensor][] {
    const [W, b] = this.#hidden.params
    return [
      ['hidden.W', W],
      ['hidden.b', b],
    ]
  }
}
