import { describe, expect, it } from 'vitest'
import { LanguageModel } from '../../src/models/index.ts'
import { setTimeScales } from '../../src/models/time-scales.ts'

const H = 4
/** ln u of four time scales between 1 and 9. */
const LOGS = [2, 4, 6, 8].map(Math.log)
const negative = LOGS.map((value) => -value)
const zero = [0, 0, 0, 0]

describe('setTimeScales', () => {
  it.each([
    ['rnn', zero],
    ['lstm', [...LOGS, ...zero, ...negative, ...zero]],
    ['gru', [...negative, ...zero, ...zero]],
  ] as const)('sets the gates of an %s that keep the state, in every layer', (cell, expected) => {
    const options = { cell, vocabSize: 5, wordvecSize: 3, hiddenSize: H, layers: 2 }
    const model = new LanguageModel(options)
    setTimeScales(model, 9)
    const others = new LanguageModel(options).namedParams()
    for (const [name, param] of model.namedParams()) {
      if (/^recurrent\.\d\.b$/.test(name)) {
        expected.forEach((value, i) => {
          expect(param.at(i)).toBeCloseTo(value, 6)
        })
      } else expect(param.toArray()).toEqual(others.get(name)!.toArray())
    }
  })

  it('refuses less than two steps', () => {
    const model = new LanguageModel({ cell: 'gru', vocabSize: 5 })
    expect(() => setTimeScales(model, 1)).toThrow(
      new RangeError('setTimeScales: steps: expected an integer of at least 2, got 1'),
    )
  })
})
