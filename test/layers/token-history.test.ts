import { describe, expect, it } from 'vitest'
import { TokenHistory } from '../../src/layers/index.ts'
import { Tensor } from '../../src/tensor/index.ts'
import { tokens } from '../support/tokens.ts'

describe('TokenHistory', () => {
  it('puts the tokens before a block in front of it', () => {
    const history = new TokenHistory(3, 9)
    expect(
      history
        .forward(
          tokens([
            [1, 2],
            [5, 6],
          ]),
        )
        .toArray(),
    ).toEqual([
      [9, 9, 9, 1, 2],
      [9, 9, 9, 5, 6],
    ])
    expect(history.forward(tokens([[3], [7]])).toArray()).toEqual([
      [9, 1, 2, 3],
      [9, 5, 6, 7],
    ])
    expect(
      history
        .forward(
          tokens([
            [4, 0, 1, 2],
            [8, 0, 1, 2],
          ]),
        )
        .toArray(),
    ).toEqual([
      [1, 2, 3, 4, 0, 1, 2],
      [5, 6, 7, 8, 0, 1, 2],
    ])
  })

  it('of length 0 hands on the block', () => {
    const history = new TokenHistory(0, 9)
    expect(history.forward(tokens([[1, 2]])).toArray()).toEqual([[1, 2]])
    expect(history.forward(tokens([[3, 4]])).toArray()).toEqual([[3, 4]])
  })

  it('takes strided views', () => {
    const history = new TokenHistory(1, 9)
    const view = tokens([
      [1, 2, 3],
      [4, 5, 6],
    ]).slice(1, 1, 3)
    expect(history.forward(view).toArray()).toEqual([
      [9, 2, 3],
      [9, 5, 6],
    ])
  })

  it('gives copies of its state', () => {
    const history = new TokenHistory(2, 9)
    expect(history.saveState()).toBeNull()
    history.forward(tokens([[1]]))
    const saved = history.saveState()!
    history.forward(tokens([[2]]))
    expect(saved[0]!.toArray()).toEqual([[9, 1]])
    history.restoreState(saved)
    expect(history.forward(tokens([[3]])).toArray()).toEqual([[9, 1, 3]])
    history.resetState()
    expect(history.saveState()).toBeNull()
    expect(history.forward(tokens([[3]])).toArray()).toEqual([[9, 9, 3]])
  })

  it('refuses tokens that are none', () => {
    const history = new TokenHistory(2, 9)
    expect(() => history.forward(tokens([[1, 9]]))).toThrow('xs: token id 9 at [0, 1] is outside 0…8')
    expect(() => history.forward(Tensor.zeros([1, 2]) as never)).toThrow(TypeError)
    expect(() => history.restoreState([Tensor.zeros([1, 2])])).toThrow(TypeError)
    expect(() => new TokenHistory(-1, 9)).toThrow(
      new RangeError('TokenHistory: length: expected an integer of at least 0, got -1'),
    )
  })
})
