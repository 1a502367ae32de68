import { expect, it } from 'vitest'
import type { TokenBatch } from '../../src/layers/index.ts'
import { NeuralProbabilisticLm } from '../../src/models/index.ts'
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
import { neuralScores, windowsOf } from '../support/reference-windows.ts'

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

function tokens(ids: Ids): TokenBatch {
  return Tensor.from(ids, undefined, 'int32') as Tensor<'int32'> as TokenBatch
}

/** A model whose weights are all large enough to matter, with the same weights for the reference. */
function example(window: number) {
  const weights = {
    embedding: normalMatrix(V + 1, D, 1),
    hiddenW: normalMatrix(window * D, H, 4),
    hiddenB: normalVector(H, 5),
    W: normalMatrix(H, V, 2),
    b: normalVector(V, 3),
  }
  const model = new NeuralProbabilisticLm(V, D, H, { window })
  Object.values(weights).forEach((values, i) => {
    model.params[i]!.copyFrom(Tensor.from(values))
  })
  return { model, weights }
}

/** The windows of `now`, which reach into `before`. */
function windowsOfNow(window: number): number[][][] {
  return windowsOf(
    before.map((row, n) => [...row, ...now[n]!]),
    window,
    V,
  ).map((row) => row.slice(before[0]!.length))
}

describeEachIsa('NeuralProbabilisticLm', () => {
  it.each([1, 2, 5])('is the float64 reference, window %i', (window) => {
    const { model, weights } = example(window)
    expectClose(model.predict(tokens(before)), neuralScores(weights, windowsOf(before, window, V)))
    const loss = model.forward(tokens(now), tokens(targets))
    const expected = timeSoftmaxWithLossForward(neuralScores(weights, windowsOfNow(window)), targets)
    expect(Math.abs(loss - expected)).toBeLessThan(1e-5)
  })

  it.each([1, 2, 5])(
    'has the gradients of numeric differences, the words before the block too, window %i',
    (window) => {
      const { model, weights } = example(window)
      const loss = () => timeSoftmaxWithLossForward(neuralScores(weights, windowsOfNow(window)), targets)
      model.predict(tokens(before))
      model.forward(tokens(now), tokens(targets))
      model.backward()
      const expected = Object.values(weights).map((values) => numericGradient(loss, values))
      model.grads.forEach((grad, i) => {
        expectClose(grad, expected[i]!)
      })
    },
  )
})

it('the order of the words counts', () => {
  const { model } = example(3)
  const last = (ids: number[]) => {
    model.resetState()
    return model.predict(tokens([ids])).select(1, -1)
  }
  expect(last([1, 4, 6]).toArray()).not.toEqual(last([6, 1, 4]).toArray())
})

it('parameters have names, in the order of params', () => {
  const { model } = example(3)
  const named = model.namedParams()
  expect([...named].map(([name, { shape }]) => [name, shape])).toEqual([
    ['embedding.W', [V + 1, D]],
    ['hidden.W', [3 * D, H]],
    ['hidden.b', [H]],
    ['affine.W', [H, V]],
    ['affine.b', [V]],
  ])
  expect([...named.values()]).toEqual(model.params)
  expect([model.vocabSize, model.window, new NeuralProbabilisticLm(V, D, H).window]).toEqual([V, 3, 10])
})
