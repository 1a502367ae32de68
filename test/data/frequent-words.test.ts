import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keepFrequentWords, type VocabularyLimits } from '../../src/data/frequent-words.ts'
import { WordTable } from '../../src/data/word-table.ts'
import { atOnce } from '../../src/pace.ts'

function keep(text: string, limits: VocabularyLimits) {
  const table = new WordTable()
  const ids = Int32Array.from(text.split(' '), (word) =>
    table.add(Buffer.from(word), 0, Buffer.byteLength(word)),
  )
  const { words } = atOnce(keepFrequentWords(ids, table, limits))
  return { text: Array.from(ids, (id) => words[id]).join(' '), words }
}

describe('keepFrequentWords', () => {
  test.each([
    [{ minCount: 2 }, 'a b a c <eos> b d <eos>', 'a b a <unk> <eos> b <unk> <eos>', 'a b <unk> <eos>'],
    [{ minCount: 2 }, 'x a a <eos>', '<unk> a a <eos>', '<unk> a <eos>'],
    [{ minCount: 1 }, 'a b <eos>', 'a b <eos>', 'a b <eos> <unk>'],
    [{ minCount: 9 }, 'a a <eos>', '<unk> <unk> <eos>', '<unk> <eos>'],
    [{ minCount: 2 }, 'a <unk> b b <eos>', '<unk> <unk> b b <eos>', '<unk> b <eos>'],
    [{ maxVocabSize: 4 }, 'a b c b c a c <eos>', 'a <unk> c <unk> c a c <eos>', 'a <unk> c <eos>'],
    [{ maxVocabSize: 5 }, 'a b c b c a c <eos>', 'a b c b c a c <eos>', 'a b c <eos> <unk>'],
    [{ maxVocabSize: 3 }, 'a b c <eos>', 'a <unk> <unk> <eos>', 'a <unk> <eos>'],
    [{ maxVocabSize: 3 }, 'a <unk> <unk> b b <eos>', '<unk> <unk> <unk> b b <eos>', '<unk> b <eos>'],
    [{ maxVocabSize: 4, minCount: 2 }, 'a b b c c c <eos>', '<unk> b b c c c <eos>', '<unk> b c <eos>'],
    [{ maxVocabSize: 9, minCount: 3 }, 'a b b c c c <eos>', '<unk> <unk> <unk> c c c <eos>', '<unk> c <eos>'],
  ])('%j of "%s"', (limits, text, expected, words) => {
    const result = keep(text, limits)
    expect([result.text, result.words.join(' ')]).toEqual([expected, words])
  })

  test('keeps the words that a sorted list of counts has at its top', () => {
    const texts = fc.array(fc.constantFrom(...'abcdefgh', '<unk>', '<eos>'), { minLength: 1 })
    fc.assert(
      fc.property(
        texts,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 3, max: 12 }),
        (text, minCount, maxVocabSize) => {
          const count = (word: string) => text.filter((other) => other === word).length
          const ordinary = [...new Set(text)].filter((word) => !word.startsWith('<'))
          const top = ordinary
            .filter((word) => count(word) >= minCount)
            .sort((a, b) => count(b) - count(a))
            .slice(0, maxVocabSize - 2)
          const expected = text.map((word) => (word === '<eos>' || top.includes(word) ? word : '<unk>'))
          const result = keep(text.join(' '), { minCount, maxVocabSize })
          expect(result.text).toBe(expected.join(' '))
          expect(result.words).toEqual([...new Set([...expected, '<unk>'])])
        },
      ),
    )
  })
})
