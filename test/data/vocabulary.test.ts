import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Vocabulary } from '../../src/data/vocabulary.ts'

const oddities = fc.constantFrom('__proto__', 'constructor', '<unk>', 'toString', '0', '😀')
const words = fc.uniqueArray(
  fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1 }).filter((word) => !/\s/.test(word)),
    oddities,
  ),
)
const characters = fc.uniqueArray(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).filter((word) => !/[\r\n]/.test(word)),
)

describe('Vocabulary', () => {
  test('maps words and ids onto each other, whatever the words', () => {
    fc.assert(
      fc.property(words, (words) => {
        const vocabulary = new Vocabulary(words)
        expect(vocabulary.size).toBe(words.length)
        expect(words.map((word) => vocabulary.idOf(word))).toEqual(words.map((_, id) => id))
        expect(words.map((_, id) => vocabulary.wordOf(id))).toEqual(words)
        expect(vocabulary.idToWord).toEqual(words)
        expect([...vocabulary.wordToId]).toEqual(words.map((word, id) => [word, id]))
      }),
    )
  })

  test('is its own', () => {
    const words = ['a', 'b']
    const vocabulary = new Vocabulary(words)
    words.push('c')
    vocabulary.toJSON().words.push('d')
    expect(vocabulary.size).toBe(2)
  })

  test('a word that it lacks is <unk>, or an error that names it', () => {
    expect(new Vocabulary(['a', '<unk>']).idOf('helo')).toBe(1)
    expect(() => new Vocabulary(['hello']).idOf('helo')).toThrow(
      new RangeError(
        'Vocabulary.idOf: word: expected one of the 1 words of the vocabulary, which has no <unk>, got "helo"',
      ),
    )
    for (const id of [-1, 1, 0.5, Number.NaN]) {
      expect(() => new Vocabulary(['hello']).wordOf(id)).toThrow(
        new RangeError(`Vocabulary.wordOf: id: expected an integer in 0…0, got ${id}`),
      )
    }
  })
})

describe('encode and decode', () => {
  const lines = new Vocabulary(['you', 'say', '<eos>', 'hello'])
  const marks = new Vocabulary(['h', 'i', ' ', '<eos>', '<unk>', '東'], 'character')

  test('words', () => {
    expect(lines.encode('you  say\nhello\r\n\n say')).toEqual(Int32Array.of(0, 1, 2, 3, 2, 1))
    expect(lines.decode([0, 1, 2, 3, 2, 1])).toBe('you say\nhello\nsay')
    expect(lines.encode('')).toEqual(new Int32Array(0))
    expect(lines.decode([])).toBe('')
  })

  test('characters', () => {
    expect(marks.encode('hi 東\r\n\ni!')).toEqual(Int32Array.of(0, 1, 2, 5, 3, 3, 1, 4))
    expect(marks.decode([0, 1, 2, 5, 3, 3, 1, 4])).toBe('hi 東\n\ni\uFFFD')
  })

  test('a text that ends without a line end gets none', () => {
    expect(lines.encode('you say')).toEqual(Int32Array.of(0, 1))
    expect(lines.encode('you say\n')).toEqual(Int32Array.of(0, 1, 2))
  })

  test('decoding words and encoding them again gives the same ids', () => {
    fc.assert(
      fc.property(words, fc.array(fc.array(fc.nat(), { minLength: 1 })), (words, sentences) => {
        const vocabulary = new Vocabulary([...words, 'x', '<eos>'])
        const eos = vocabulary.idOf('<eos>')
        const ids = sentences.flatMap((sentence) => [...sentence.map((id) => id % eos), eos])
        expect(Array.from(vocabulary.encode(vocabulary.decode(ids)))).toEqual(ids)
      }),
    )
  })

  test('decoding characters and encoding them again gives the same ids', () => {
    fc.assert(
      fc.property(characters, fc.array(fc.nat()), (characters, places) => {
        const vocabulary = new Vocabulary(
          [...characters, '<eos>', ...(characters.includes('\uFFFD') ? [] : ['<unk>'])],
          'character',
        )
        const ids = places.map((place) => place % vocabulary.size)
        expect(Array.from(vocabulary.encode(vocabulary.decode(ids)))).toEqual(ids)
      }),
    )
  })

  test('name what they do not know, and its line', () => {
    expect(() => lines.encode('you say\nsay\n\nyou say goodbye')).toThrow(
      new RangeError(
        'Vocabulary.encode: line 4: word: expected one of the 4 words of the vocabulary, which has no <unk>, got "goodbye"',
      ),
    )
    expect(() => new Vocabulary(['a'], 'character').encode('a\n')).toThrow(
      'Vocabulary.encode: line 1: character: expected one of the 1 characters of the vocabulary, which has no <unk>, got "<eos>"',
    )
    expect(() => lines.decode([0, 4])).toThrow('Vocabulary.wordOf: id: expected an integer in 0…3, got 4')
    expect(() => lines.encode(5 as never)).toThrow(
      new TypeError('Vocabulary.encode: text: expected a string, got 5'),
    )
  })
})

describe('JSON', () => {
  test('written and read again is the same', () => {
    fc.assert(
      fc.property(words, (words) => {
        const vocabulary = new Vocabulary(words)
        expect(Vocabulary.fromJSON(JSON.parse(JSON.stringify(vocabulary)))).toEqual(vocabulary)
      }),
    )
    const json = { unit: 'character', words: ['a', ' ', '<eos>', '<unk>', '😀'] }
    expect(Vocabulary.fromJSON(json).toJSON()).toEqual(json)
  })

  test.each([
    [null, 'Vocabulary.fromJSON: json: expected an object { unit, words }, got null'],
    ['words', 'Vocabulary.fromJSON: json: expected an object { unit, words }, got "words"'],
    [{ words: [] }, "Vocabulary.fromJSON: unit: expected 'word' or 'character', got undefined"],
    [{ unit: 'byte', words: [] }, "Vocabulary.fromJSON: unit: expected 'word' or 'character', got \"byte\""],
    [{ unit: 'word' }, 'Vocabulary.fromJSON: words: expected an array of strings, got undefined'],
    [
      { unit: 'word', words: { length: 2 } },
      'Vocabulary.fromJSON: words: expected an array of strings, got Object(2)',
    ],
    [{ unit: 'word', words: ['a', 5] }, 'Vocabulary: words[1]: expected a word without white space, got 5'],
    [
      { unit: 'word', words: ['a', null] },
      'Vocabulary: words[1]: expected a word without white space, got null',
    ],
    [
      { unit: 'word', words: ['a b'] },
      'Vocabulary: words[0]: expected a word without white space, got "a b"',
    ],
    [{ unit: 'word', words: [''] }, 'Vocabulary: words[0]: expected a word without white space, got ""'],
    [{ unit: 'word', words: ['a\uD800'] }, 'Vocabulary: words[0]: expected a word without white space'],
    [
      { unit: 'word', words: ['a', 'b', 'a'] },
      'Vocabulary: words[2]: expected a word that is not repeated, got "a"',
    ],
    [
      { unit: 'character', words: ['ab'] },
      'Vocabulary: words[0]: expected a character, <eos> or <unk>, got "ab"',
    ],
    [
      { unit: 'character', words: ['\n'] },
      'Vocabulary: words[0]: expected a character, <eos> or <unk>, got "\\n"',
    ],
    [{ unit: 'character', words: ['\uDC00'] }, 'Vocabulary: words[0]: expected a character'],
  ])('%j is refused', (json, message) => {
    expect(() => Vocabulary.fromJSON(json)).toThrow(message)
  })
})
