import { describe, expect, it } from 'vitest'
import { SimpleRnnlm } from '../../src/models/index.ts'
import { softmax, Tensor } from '../../src/tensor/index.ts'
import { expectClose } from '../support/golden.ts'
import { numericGradient } from '../support/gradient-check.ts'
import { describeEachIsa } from '../support/instruction-sets.ts'
import {
  type Block,
  type Ids,
  type Matrix,
  normalMatrix,
  normalVector,
  timeAffineForward,
  timeEmbeddingForward,
  timeSoftmaxWithLossForward,
  type Vector,
  zeroMatrix,
} from '../support/reference-layers.ts'
import { rnnCell, timeForward } from '../support/reference-recurrent.ts'
import { tokens } from '../support/tokens.ts'

const NAMES = ['embedding.W', 'recurrent.0.Wx', 'recurrent.0.Wh', 'recurrent.0.b', 'affine.W', 'affine.b']

type Weights = {
  embedding: Matrix
  Wx: Matrix
  Wh: Matrix
  b: Vector
  affineW: Matrix
  affineB: Vector
}

/** A model whose weights are all large enough to matter, with the same weights for the reference. */
function example(V: number, D: number, H: number) {
  const weights: Weights = {
    embedding: normalMatrix(V, D, 1),
    Wx: normalMatrix(D, H, 2),
    Wh: normalMatrix(H, H, 3),
    b: normalVector(H, 4),
    affineW: normalMatrix(H, V, 5),
    affineB: normalVector(V, 6),
  }
  const model = new SimpleRnnlm(V, D, H)
  Object.values(weights).forEach((values, i) => {
    model.params[i]!.copyFrom(Tensor.from(values))
  })
  return { model, weights }
}

function referenceStates(weights: Weights, ids: Ids, h0: Matrix): Block {
  return timeForward(rnnCell, timeEmbeddingForward(weights.embedding, ids), [h0], weights).hs
}

function referenceScores(weights: Weights, ids: Ids, h0: Matrix): Block {
  return timeAffineForward(referenceStates(weights, ids, h0), weights.affineW, weights.affineB)
}

const V = 7
const H = 4
const first: Ids = [
  [0, 3, 6],
  [5, 5, 1],
]
const second: Ids = [
  [2, 2, 4],
  [1, 0, 6],
]
const targets: Ids = [
  [2, 4, 0],
  [0, 6, 6],
]

describeEachIsa('SimpleRnnlm', () => {
  it('is the float64 reference, and continues from block to block', () => {
    const { model, weights } = example(V, 3, H)
    const zero = zeroMatrix(2, H)
    expectClose(model.predict(tokens(first)), referenceScores(weights, first, zero))
    const h = referenceStates(weights, first, zero).map((steps) => steps.at(-1)!)
    const loss = model.forward(tokens(second), tokens(targets))
    const expected = timeSoftmaxWithLossForward(referenceScores(weights, second, h), targets)
    expect(Math.abs(loss - expected)).toBeLessThan(1e-5)
  })

  it('has the gradients of numeric differences, cut at the block’s start', () => {
    const { model, weights } = example(V, 3, H)
    const h = referenceStates(weights, first, zeroMatrix(2, H)).map((steps) => steps.at(-1)!)
    const loss = () => timeSoftmaxWithLossForward(referenceScores(weights, second, h), targets)
    model.predict(tokens(first))
    model.forward(tokens(second), tokens(targets))
    model.backward()
    const expected = Object.values(weights).map((values) => numericGradient(loss, values))
    model.grads.forEach((grad, i) => {
      expectClose(grad, expected[i]!)
    })
    model.backward(-2)
    model.grads.forEach((grad, i) => {
      expectClose(grad, scaled(expected[i]!, -2))
    })
  })

  it('has the same initial values on every instruction set', () => {
    const first4 = new SimpleRnnlm(5, 3, 4, { seed: 1 }).params.map((param) => [...param.data.slice(0, 4)])
    expect(first4).toEqual([
      [0.00380400731228292, -0.00296277878805995, -0.0024923342280089855, -0.010038372129201889],
      [-0.4999273121356964, -0.8247790336608887, 0.2668912708759308, -0.4582817852497101],
      [-0.5925988554954529, 0.122842937707901, -0.5360565781593323, -0.06815916299819946],
      [0, 0, 0, 0],
      [-0.2133629471063614, -0.4408152997493744, -0.06364979594945908, 0.8563176393508911],
      [0, 0, 0, 0],
    ])
  })
})

function scaled(values: Vector | Matrix, factor: number): Vector | Matrix {
  return values.map((value) =>
    typeof value === 'number' ? value * factor : value.map((item) => item * factor),
  ) as Vector | Matrix
}

describe('SimpleRnnlm initial values', () => {
  it('are the same for the same seed, and others for another', () => {
    const numbers = (seed?: number | bigint) =>
      new SimpleRnnlm(11, 5, 6, { seed }).params.map((param) => param.toArray())
    expect(numbers(3)).toEqual(numbers(3))
    expect(numbers(3n)).toEqual(numbers(3))
    expect(numbers(3)).not.toEqual(numbers(4))
    expect(numbers()).toEqual(numbers(0))
  })

  it('have the mean 0 and the deviation of their kind; biases are 0', () => {
    const [V, D, H] = [400, 100, 64]
    const weights = new SimpleRnnlm(V, D, H, { seed: 1 }).namedParams()
    const deviations = {
      'embedding.W': 1 / 100,
      'recurrent.0.Wx': 1 / Math.sqrt(D),
      'recurrent.0.Wh': 1 / Math.sqrt(H),
      'affine.W': 1 / Math.sqrt(H),
    }
    for (const [name, deviation] of Object.entries(deviations)) {
      const { data } = weights.get(name)!
      const mean = data.reduce((sum, value) => sum + value, 0) / data.length
      const variance = data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length
      const error = 1 / Math.sqrt(data.length)
      expect(Math.abs(mean / deviation), name).toBeLessThan(4 * error)
      expect(Math.abs(Math.sqrt(variance) / deviation - 1), name).toBeLessThan(4 * error)
    }
    for (const name of ['recurrent.0.b', 'affine.b']) {
      expect(
        weights.get(name)!.data.every((value) => value === 0),
        name,
      ).toBe(true)
    }
  })
})

describe('SimpleRnnlm parameters', () => {
  const model = new SimpleRnnlm(7, 3, 4)

  it('have names, in the order of params', () => {
    const named = model.namedParams()
    expect([...named.keys()]).toEqual(NAMES)
    ;[...named.values()].forEach((param, i) => {
      expect(param).toBe(model.params[i])
    })
    expect([...named.values()].map(({ shape }) => shape)).toEqual([[7, 3], [3, 4], [4, 4], [4], [4, 7], [7]])
  })

  it('are those of the layers, as are the gradients', () => {
    expect(model.layers.flatMap((layer) => layer.params as Tensor[])).toEqual(model.params)
    model.layers
      .flatMap((layer) => layer.grads as Tensor[])
      .forEach((grad, i) => {
        expect(grad).toBe(model.grads[i])
        expect(grad.shape).toEqual(model.params[i]!.shape)
      })
    expect(model.lossLayer.params).toEqual([])
    expect(model.vocabSize).toBe(7)
  })
})

describe('SimpleRnnlm state', () => {
  it('is forgotten by resetState', () => {
    const { model } = example(V, 3, H)
    const scores = model.predict(tokens(first)).toArray()
    expect(model.predict(tokens(first)).toArray()).not.toEqual(scores)
    model.resetState()
    expect(model.predict(tokens(first)).toArray()).toEqual(scores)
  })

  it('is saved and put back bit for bit, also when there is none', () => {
    const { model } = example(V, 3, H)
    const none = model.saveState()
    expect(none).toEqual([null])
    model.predict(tokens(first))
    const saved = model.saveState()
    const scores = model.predict(tokens(second)).toArray()
    model.resetState()
    model.predict(tokens([[1, 1, 1, 1]]))
    model.restoreState(saved)
    expect(model.predict(tokens(second)).toArray()).toEqual(scores)
    model.restoreState(none)
    const fresh = example(V, 3, H).model
    expect(model.predict(tokens(first)).toArray()).toEqual(fresh.predict(tokens(first)).toArray())
  })
})

describe('SimpleRnnlm', () => {
  it('predicts scores whose softmax the loss is taken of', () => {
    const { model } = example(V, 3, H)
    const scores = model.predict(tokens(first))
    expect(scores.shape).toEqual([2, 3, V])
    const probabilities = softmax(scores)
    let loss = 0
    targets.forEach((row, n) => {
      row.forEach((target, t) => {
        loss -= Math.log(probabilities.at(n, t, target)) / 6
      })
    })
    model.resetState()
    expect(model.forward(tokens(first), tokens(targets))).toBeCloseTo(loss, 6)
  })

  it('says what does not fit', () => {
    expect(() => new SimpleRnnlm(0, 3, 4)).toThrow(
      new RangeError('SimpleRnnlm: vocabSize: expected an integer of at least 1, got 0'),
    )
    expect(() => new SimpleRnnlm(7, 2.5, 4)).toThrow(
      new RangeError('SimpleRnnlm: wordvecSize: expected an integer of at least 1, got 2.5'),
    )
    expect(() => new SimpleRnnlm(7, 3, '4' as never)).toThrow(
      new TypeError('SimpleRnnlm: hiddenSize: expected an integer of at least 1, got "4"'),
    )
    const { model } = example(V, 3, H)
    expect(() => model.backward()).toThrow(
      new Error('SimpleRnnlm.backward: call forward first, with training on (predict does not count)'),
    )
    expect(() => model.predict(tokens([[0, 7]]))).toThrow('token id 7 at [0, 1] is outside 0…6')
    expect(() => model.forward(tokens([[0, 1]]), tokens([[1, 9]]))).toThrow(
      'ts: token id 9 at [0, 1] is outside 0…6',
    )
  })

  it('refuses to go back through what a prediction, or a forward that failed, left in its layers', () => {
    const { model } = example(V, 3, H)
    const [xs, ts] = [tokens([[0, 1]]), tokens([[1, 2]])]
    const tooEarly = 'SimpleRnnlm.backward: call forward first'
    model.forward(xs, ts)
    model.predict(ts)
    expect(() => model.backward()).toThrow(tooEarly)
    model.forward(xs, ts)
    expect(() => model.forward(ts, tokens([[1, 9]]))).toThrow(RangeError)
    expect(() => model.backward()).toThrow(tooEarly)
    model.forward(xs, ts)
    model.backward()
    model.backward()
  })
})
