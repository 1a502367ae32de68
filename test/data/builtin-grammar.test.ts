import { describe, expect, it } from 'vitest'
import {
  anyOf,
  ask,
  type Choices,
  choose,
  oneOf,
  optional,
  type Rule,
  recall,
  remember,
  sequence,
} from '../../src/data/builtin/grammar.ts'

/** The distributions that the rule yields while it is told `text`. */
function follow(rule: Rule, text: string): Choices[] {
  const memory = new Map()
  const choices = [rule.first(memory)]
  const [first, ...others] = text.split(' ')
  const telling = rule.rest(first!, memory)
  let step = telling.next()
  for (const word of others) {
    if (step.done) throw new Error(`the rule ends before "${word}"`)
    choices.push(step.value)
    step = telling.next(word)
  }
  expect(step.done).toBe(true)
  return choices
}

const probabilities = (rule: Rule, text: string) =>
  follow(rule, text).map((choices) => Object.fromEntries(choices.probabilities))

describe('the grammar', () => {
  it('says fixed words with certainty', () => {
    expect(probabilities(sequence('in the', 'room'), 'in the room')).toEqual([
      { in: 1 },
      { the: 1 },
      { room: 1 },
    ])
  })

  it('chooses by weight, and the next word tells which branch was taken', () => {
    const rule = choose([3, 'a cat'], [1, sequence('two', anyOf('cats dogs'))])
    expect(probabilities(rule, 'a cat')).toEqual([{ a: 0.75, two: 0.25 }, { cat: 1 }])
    expect(probabilities(rule, 'two dogs')).toEqual([
      { a: 0.75, two: 0.25 },
      { cats: 0.5, dogs: 0.5 },
    ])
  })

  it('mixes the first words of nested choices into one distribution', () => {
    const rule = optional(anyOf('old grey'), anyOf('cat dog'))
    const first = { old: 0.25, grey: 0.25, cat: 0.25, dog: 0.25 }
    expect(probabilities(rule, 'dog')).toEqual([first])
    expect(probabilities(rule, 'grey cat')).toEqual([first, { cat: 0.5, dog: 0.5 }])
  })

  it('recalls what it remembered, and marks what only a long memory can know', () => {
    const who = Symbol('who')
    const rule = sequence(remember(who, anyOf('tom bob')), 'and', recall(who), 'and', ask(who))
    const choices = follow(rule, 'bob and bob and bob')
    expect(choices.slice(1).map((choice) => [...choice.probabilities])).toEqual([
      [['and', 1]],
      [['bob', 1]],
      [['and', 1]],
      [['bob', 1]],
    ])
    expect(choices.map((choice) => choice.asksMemory)).toEqual([false, false, false, false, true])
  })

  it('knows its words', () => {
    const rule = sequence(
      'the',
      optional(anyOf('old grey'), anyOf('cat dog')),
      'in the',
      recall(Symbol('place')),
    )
    expect([...rule.words]).toEqual(['the', 'old', 'grey', 'cat', 'dog', 'in'])
  })

  it('refuses branches that begin alike, whose choice would not show', () => {
    expect(() => oneOf('the cat', 'a cat', 'the dog')).toThrow(
      new RangeError('choose: branches: expected first words that all differ, got "the"'),
    )
  })

  it('refuses to recall what was not remembered, and to choose by it', () => {
    const message = 'recall: role: expected a role that was remembered before, got Symbol(who)'
    expect(() => recall(Symbol('who')).first(new Map())).toThrow(new RangeError(message))
    expect(() => oneOf('a cat', recall(Symbol('who')))).toThrow(new RangeError(message))
  })
})
