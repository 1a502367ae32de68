/** CbowLm and NeuralProbabilisticLm against float64: scores, losses, gradients, and what the order of words means to each. */
import { describe, expect, it } from 'vitest'
import { CbowLm, NeuralProbabilisticLm } from '../../src/models/index.ts'
import { Tensor } from '../../src/tensor/index.ts'
import { expectClose } from '../support/golden.ts'
import { numericGradient } from '../support/gradient-check.ts'
import { describeEachIsa } from '../support/instruction-sets.ts'
import {
  type Ids,
  normalMatrix,
  normalVector,
  timeSoftmaxWithLossForward,
} from '../support/reference-layers.ts'
import { cbowScores, neuralScores, windowsOf } from '../support/reference-windows.ts'
import { tokens } from '../support/tokens.ts'

const [V, D, H] = [7, 3, 4]
const before: Ids = [
  [0, 3],
  [5, 5],
]
const now: Ids = [
  [2, 2, 4, 1],
  [1, 0, 6, 1],
]
const targets: Ids = [
  [2, 4, 0, 5],
  [0, 6, 6, 3],
]

/** The model and its float64 reference, with weights that are all large enough to matter. */
interface Example {
  model: CbowLm | NeuralProbabilisticLm
  weights: (number[] | number[][])[]
  scores(windows: number[][][]): number[][][]
}

function cbow(window: number): Example {
  const weights = { embedding: normalMatrix(V + 1, D, 1), W: normalMatrix(D, V, 2), b: normalVector(V, 3) }
  return example(new CbowLm(V, D, { window }), weights, cbowScores)
}

function neural(window: number): Example {
  const weights = {
    embedding: normalMatrix(V + 1, D, 1),
    hiddenW: normalMatrix(window * D, H, 4),
    hiddenB: normalVector(H, 5),
    W: normalMatrix(H, V, 2),
    b: normalVector(V, 3),
  }
  return example(new NeuralProbabilisticLm(V, D, H, { window }), weights, neuralScores)
}

function example<W extends Record<string, number[] | number[][]>>(
  model: Example['model'],
  weights: W,
  scores: (weights: W, windows: number[][][]) => number[][][],
): Example {
  const values = Object.values(weights)
  values.forEach((value, i) => {
    model.params[i]!.copyFrom(Tensor.from(value))
  })
  return { model, weights: values, scores: (windows) => scores(weights, windows) }
}

/** The windows of `now`, which reach into `before`. */
function windowsOfNow(window: number): number[][][] {
  return windowsOf(
    before.map((row, n) => [...row, ...now[n]!]),
    window,
    V,
  ).map((row) => row.slice(before[0]!.length))
}

describe.each([
  ['CbowLm', cbow],
  ['NeuralProbabilisticLm', neural],
])('%s', (name, make) => {
  describeEachIsa(name, () => {
    it.each([1, 2, 5])('is the float64 reference, window %i', (window) => {
      const { model, scores } = make(window)
      expectClose(model.predict(tokens(before)), scores(windowsOf(before, window, V)))
      const loss = model.forward(tokens(now), tokens(targets))
      const expected = timeSoftmaxWithLossForward(scores(windowsOfNow(window)), targets)
      expect(Math.abs(loss - expected)).toBeLessThan(1e-5)
    })

    it.each([1, 2, 5])(
      'has the gradients of numeric differences, the words before the block too, window %i',
      (window) => {
        const { model, weights, scores } = make(window)
        const loss = () => timeSoftmaxWithLossForward(scores(windowsOfNow(window)), targets)
        model.predict(tokens(before))
        model.forward(tokens(now), tokens(targets))
        model.backward()
        const expected = weights.map((values) => numericGradient(loss, values))
        model.grads.forEach((grad, i) => {
          expectClose(grad, expected[i]!)
        })
      },
    )
  })
})

/** The scores after three words, without any before. */
function scoresAfter({ model }: Example, ids: number[]): Tensor {
  model.resetState()
  return model
    .predict(tokens([ids]))
    .select(1, -1)
    .clone()
}

it('to CbowLm the order of the words is lost', () => {
  const example = cbow(3)
  expectClose(scoresAfter(example, [1, 4, 6]), scoresAfter(example, [6, 1, 4]))
})

it('to NeuralProbabilisticLm the order of the words counts', () => {
  const example = neural(3)
  expect(scoresAfter(example, [1, 4, 6]).toArray()).not.toEqual(scoresAfter(example, [6, 1, 4]).toArray())
})

it.each([
  [
    'CbowLm',
    new CbowLm(V, D, { window: 3 }),
    [
      ['embedding.W', [V + 1, D]],
      ['affine.W', [D, V]],
      ['affine.b', [V]],
    ],
  ],
  [
    'NeuralProbabilisticLm',
    new NeuralProbabilisticLm(V, D, H, { window: 3 }),
    [
      ['embedding.W', [V + 1, D]],
      ['hidden.W', [3 * D, H]],
      ['hidden.b', [H]],
      ['affine.W', [H, V]],
      ['affine.b', [V]],
    ],
  ],
])('the parameters of %s have names, in the order of params', (_, model, shapes) => {
  const named = model.namedParams()
  expect([...named].map(([name, { shape }]) => [name, shape])).toEqual(shapes)
  expect([...named.values()]).toEqual(model.params)
  expect([model.vocabSize, model.window]).toEqual([V, 3])
})

it('the window is of ten words', () => {
  expect([new CbowLm(V, D).window, new NeuralProbabilisticLm(V, D, H).window]).toEqual([10, 10])
})
