import { expect, it } from 'vitest'
import { afterEvaluation, hasStalled, noPlateau, type PlateauState } from '../../src/optim/index.ts'

function after(perplexities: number[], state: PlateauState = noPlateau): PlateauState {
  return perplexities.reduce((now, perplexity) => afterEvaluation(now, perplexity), state)
}

it('improvements leave the rate as it is', () => {
  expect(after([300, 200, 199.9])).toEqual({ lrFactor: 1, best: 199.9, evaluationsSinceBest: 0 })
})

it('each evaluation that is no better than the best cuts the rate to a quarter', () => {
  expect(after([200, 200])).toEqual({ lrFactor: 1 / 4, best: 200, evaluationsSinceBest: 1 })
  expect(after([200, 210, 205])).toEqual({ lrFactor: 1 / 16, best: 200, evaluationsSinceBest: 2 })
})

it('an improvement ends the count, and the rate stays cut', () => {
  expect(after([200, 210, 190])).toEqual({ lrFactor: 1 / 4, best: 190, evaluationsSinceBest: 0 })
})

it('NaN and infinity are no improvements, not even at first', () => {
  expect(after([Number.NaN, Infinity])).toEqual({ lrFactor: 1 / 16, best: null, evaluationsSinceBest: 2 })
  expect(after([Number.NaN, 500]).best).toBe(500)
})

it('takes another factor; 1 leaves the rate alone', () => {
  expect(afterEvaluation(after([200]), 201, { factor: 2 }).lrFactor).toBe(0.5)
  expect(afterEvaluation(after([200]), 201, { factor: 1 }).lrFactor).toBe(1)
})

it('with patience, so many evaluations in a row cut the rate once', () => {
  const rates = (perplexities: number[]) => {
    let state = noPlateau
    return perplexities.map((perplexity) => {
      state = afterEvaluation(state, perplexity, { patience: 2 })
      return state.lrFactor
    })
  }
  expect(rates([200, 201, 190, 191, 192])).toEqual([1, 1, 1, 1, 1 / 4])
  expect(rates([200, 201, 202, 203, 204])).toEqual([1, 1, 1 / 4, 1 / 4, 1 / 16])
})

it('training has stalled after `patience` evaluations without improvement', () => {
  expect([[], [200], [200, 201], [200, 201, 202]].map((list) => hasStalled(after(list), 2))).toEqual([
    false,
    false,
    false,
    true,
  ])
})

it('continues from a state that was written as JSON', () => {
  const saved = JSON.parse(JSON.stringify(after([200, 210]))) as PlateauState
  expect(after([220, 190], saved)).toEqual(after([200, 210, 220, 190]))
  expect(JSON.parse(JSON.stringify(noPlateau))).toEqual(noPlateau)
})

it('names what does not fit', () => {
  expect(() => afterEvaluation(noPlateau, '200' as never)).toThrow(
    new TypeError('afterEvaluation: perplexity: expected a number, got "200"'),
  )
  expect(() => afterEvaluation(noPlateau, 200, { factor: 0.5 })).toThrow(
    new RangeError('afterEvaluation: factor: expected a finite number of at least 1, got 0.5'),
  )
  expect(() => afterEvaluation(noPlateau, 200, { patience: 0 })).toThrow(
    new RangeError('afterEvaluation: patience: expected an integer of at least 1, got 0'),
  )
  expect(() => hasStalled(noPlateau, 0)).toThrow(
    new RangeError('hasStalled: patience: expected an integer of at least 1, got 0'),
  )
})
