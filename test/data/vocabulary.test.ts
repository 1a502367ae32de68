import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Vocabulary } from '../../src/data/vocabulary.ts'

test('ids are given in order of first appearance', () => {
  const vocabulary = new Vocabulary()
  expect(['you', 'say', 'goodbye', 'and', 'i', 'say', 'hello'].map((word) => vocabulary.add(word))).toEqual([
    0, 1, 2, 3, 4, 1, 5,
  ])
  expect(vocabulary.idToWord).toEqual(['you', 'say', 'goodbye', 'and', 'i', 'hello'])
  expect(vocabulary.idOf('goodbye')).toBe(2)
})

test('words and ids map onto each other, whatever the words', () => {
  const words = fc.array(
    fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('__proto__', 'constructor', '')),
  )
  fc.assert(
    fc.property(words, (words) => {
      const vocabulary = new Vocabulary()
      const ids = words.map((word) => vocabulary.add(word))
      expect(ids.map((id) => vocabulary.idToWord[id])).toEqual(words)
      expect(words.map((word) => vocabulary.idOf(word))).toEqual(ids)
      expect(vocabulary.idToWord).toEqual([...new Set(words)])
      expect([...vocabulary.wordToId.keys()]).toEqual(vocabulary.idToWord)
    }),
  )
})

test('a word that the vocabulary lacks is an error that names it', () => {
  const vocabulary = new Vocabulary()
  vocabulary.add('hello')
  expect(() => vocabulary.idOf('helo')).toThrow(
    new RangeError('Vocabulary.idOf: word: expected one of the 1 words known, got "helo"'),
  )
})
