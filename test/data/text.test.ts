import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeText, loadText, type TextOptions } from '../../src/data/text.ts'
import { Vocabulary } from '../../src/data/vocabulary.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rnnlm-text-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function file(content: string | Uint8Array): string {
  const path = join(folder, 'text.txt')
  writeFileSync(path, content)
  return path
}

async function wordsOf(chunks: Uint8Array[], options: TextOptions = {}): Promise<string[]> {
  const { corpus, idToWord } = await encodeText(
    chunks.map((chunk) => Buffer.from(chunk)),
    options,
  )
  return Array.from(corpus, (id) => idToWord[id]!)
}

/** Another way to the same words: line by line, as one string. */
function wordsByLine(text: string): string[] {
  return text
    .replaceAll('<eos>', '\n')
    .split(/\r\n|\r|\n/)
    .map((line) => line.split(/\s+/).filter((word) => word !== ''))
    .flatMap((words) => (words.length > 0 ? [...words, '<eos>'] : []))
}

/** Another way to the same characters. */
function charactersOf(text: string): string[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/)
  if (lines.at(-1) === '') lines.pop()
  return lines.flatMap((line) => [...line, '<eos>'])
}

describe('encodeText', () => {
  const texts = fc
    .array(
      fc.oneof(
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom(' ', '\n', '\r\n', '\r', ' <eos> ', ' <unk> ', '\uFEFF', 'café', '😀'),
      ),
    )
    .map((parts) => parts.join('').replaceAll('\0', ''))

  test.each([
    ['word', wordsByLine],
    ['character', charactersOf],
  ] as const)(
    'gives the same with the unit %s wherever the text is cut into chunks',
    async (unit, expected) => {
      await fc.assert(
        fc.asyncProperty(texts, fc.array(fc.nat()), async (text, cuts) => {
          const bytes = Buffer.from(text)
          const places = cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b)
          const chunks = [0, ...places].map((start, i) => bytes.subarray(start, places[i] ?? bytes.length))
          const words = await wordsOf(chunks, { unit })
          expect(words).toEqual(expected(text))
          const { corpus, vocabulary } = await encodeText(chunks, { unit })
          expect((await encodeText([bytes], { vocabulary })).corpus).toEqual(corpus)
          expect(vocabulary.idToWord).toEqual([...new Set([...words, '<eos>'])])
        }),
      )
    },
  )

  test('words written out and read again are the same', async () => {
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const words = await wordsOf([Buffer.from(text)])
        expect(await wordsOf([Buffer.from(words.join(' '))])).toEqual(words)
      }),
    )
  })

  test('reads no further than the limit', async () => {
    let chunksRead = 0
    function* chunks() {
      for (; chunksRead < 100; chunksRead++) yield Buffer.from('a b c\n')
    }
    expect((await encodeText(chunks(), { limit: 6 })).corpus).toHaveLength(6)
    expect(chunksRead).toBeLessThan(3)
    const { corpus, vocabulary } = await encodeText([Buffer.from('a b a c d\n')], { limit: 4, minCount: 2 })
    expect(corpus).toEqual(Int32Array.of(0, 1, 0, 1))
    expect(vocabulary.idToWord).toEqual(['a', '<unk>', '<eos>'])
    expect(await wordsOf([Buffer.from('a b \xFF', 'latin1')], { limit: 2 })).toEqual(['a', 'b'])
  })
})

describe('loadText', () => {
  test.each(['word', 'character'] as const)('a vocabulary of %ss contains <eos> and <unk>', async (unit) => {
    const { corpus, vocabulary } = await loadText(file('a b a b\nc'), { unit, limit: 3 })
    expect(corpus).toHaveLength(3)
    expect(vocabulary.wordToId.has('<eos>')).toBe(true)
    expect(vocabulary.wordToId.has('<unk>')).toBe(true)
    expect(vocabulary.idToWord.slice(0, 2)).toEqual(unit === 'word' ? ['a', 'b'] : ['a', ' '])
  })

  test('gives ids in order of first appearance', async () => {
    const { corpus, wordToId, idToWord } = await loadText(file('you say goodbye\nand i say hello\n'))
    expect(corpus).toEqual(Int32Array.of(0, 1, 2, 3, 4, 5, 1, 6, 3))
    expect(idToWord).toEqual(['you', 'say', 'goodbye', '<eos>', 'and', 'i', 'hello', '<unk>'])
    expect(wordToId).toEqual(new Map(idToWord.map((word, id) => [word, id])))
  })

  test('reads a text of many blocks', async () => {
    const words = Array.from({ length: 100_000 }, (_, i) => `wörd${i % 1234}`)
    const { corpus, idToWord } = await loadText(file(words.join(' ')))
    expect(idToWord.length).toBe(1236)
    expect(Array.from(corpus, (id) => idToWord[id])).toEqual([...words, '<eos>'])
  })

  test('reads words longer than a block', async () => {
    const long = 'x'.repeat(200_000)
    expect((await loadText(file(`a ${long} b`))).idToWord).toEqual(['a', long, 'b', '<eos>', '<unk>'])
  })

  test.each([
    ['an empty file', '', 'the file is empty or has only white space'],
    ['only white space', ' \n\t\r\n', 'the file is empty or has only white space'],
    ['Latin-1', Buffer.from('un café noir', 'latin1'), 'invalid UTF-8 at byte 6, line 1'],
    [
      'a character that is cut off',
      Buffer.from('ab\r\n😀').subarray(0, 6),
      'invalid UTF-8 at byte 4, line 2',
    ],
    [
      'a NUL byte',
      'hello, hello\0',
      'a NUL byte, which text does not have, at byte 12, line 1: it looks like a binary file',
    ],
    [
      'a bad byte in a later block',
      Buffer.concat([Buffer.from('\uFEFF'), Buffer.from('é\n'.repeat(70_000)), Buffer.of(0xff)]),
      'invalid UTF-8 at byte 210003, line 70001',
    ],
    ['no white space in sight', 'x'.repeat(3_000_000), 'more than 1048576 bytes without white space'],
  ])('refuses %s', async (_, content, reason) => {
    const path = file(content)
    const error: Error = await loadText(path).catch((error) => error)
    expect(error.message).toContain(`cannot read ${path}: `)
    expect(error.message).toContain(reason)
  })

  test('refuses a missing file, a folder, and what is no path', async () => {
    const missing = join(folder, 'missing.txt')
    await expect(loadText(missing)).rejects.toThrow(`cannot read ${missing}: no such file or folder`)
    await expect(loadText(folder)).rejects.toThrow(`cannot read ${folder}: it is a folder`)
    await expect(loadText(3 as never)).rejects.toThrow(
      new TypeError('loadText: path: expected the path of a text file, got 3'),
    )
  })

  test('reads characters', async () => {
    const { corpus, vocabulary } = await loadText(file('\uFEFFhé\r\n\nh 😀'), { unit: 'character' })
    expect(vocabulary.idToWord).toEqual(['h', 'é', '<eos>', ' ', '😀', '<unk>'])
    expect(corpus).toEqual(Int32Array.of(0, 1, 2, 2, 0, 3, 4, 2))
    expect((await loadText(file('x'.repeat(3_000_000)), { unit: 'character' })).corpus).toHaveLength(
      3_000_001,
    )
  })

  test('keeps a vocabulary that is given', async () => {
    const vocabulary = new Vocabulary(['b', '<unk>', '<eos>'])
    const text = await loadText(file('a b\nb c'), { vocabulary })
    expect(text.corpus).toEqual(Int32Array.of(1, 0, 2, 0, 1, 2))
    expect(text.vocabulary).toBe(vocabulary)
    expect(text.idToWord).toEqual(['b', '<unk>', '<eos>'])
    const path = file('b\r\nb b\n\nb a c')
    await expect(loadText(path, { vocabulary: new Vocabulary(['b', '<eos>']) })).rejects.toThrow(
      `cannot read ${path}: line 4: word: expected one of the 2 words of the vocabulary, which has no <unk>, got "a"`,
    )
  })

  test('makes a vocabulary of the frequent words', async () => {
    const path = file('a b b c\nb c c d <unk>\n')
    const frequent = await loadText(path, { minCount: 2 })
    expect(frequent.idToWord).toEqual(['<unk>', 'b', 'c', '<eos>'])
    expect(frequent.corpus).toEqual(Int32Array.of(0, 1, 1, 2, 3, 1, 2, 2, 0, 0, 3))
    expect((await loadText(path, { maxVocabSize: 3 })).idToWord).toEqual(['<unk>', 'b', '<eos>'])
    expect((await loadText(file('aab\n'), { unit: 'character', minCount: 2 })).idToWord).toEqual([
      'a',
      '<unk>',
      '<eos>',
    ])
  })

  test('counts the different words that <unk> stands for', async () => {
    const path = file('a b b c\nb c c d <unk>\n')
    expect((await loadText(path)).vocabulary.unknownTypes).toBe(0)
    expect((await loadText(path, { minCount: 2 })).vocabulary.unknownTypes).toBe(2)
    expect((await loadText(path, { maxVocabSize: 3 })).vocabulary.unknownTypes).toBe(3)
  })

  const known = new Vocabulary(['a'])
  test.each([
    [{ unit: 'byte' }, "unit: expected 'word' or 'character', got \"byte\""],
    [{ minCount: 0 }, 'minCount: expected an integer of at least 1, got 0'],
    [{ mincount: 2 }, 'unknown option "mincount"; did you mean "minCount"?'],
    [{ maxVocabSize: 2 }, 'maxVocabSize: expected an integer of at least 3, got 2'],
    [{ limit: 1.5 }, 'limit: expected an integer of at least 1, got 1.5'],
    [{ vocabulary: ['a'] }, 'vocabulary: expected a Vocabulary, got Array(1)'],
    [
      { vocabulary: known, unit: 'character' },
      'unit: expected that of the vocabulary, \'word\', got "character"',
    ],
    [{ vocabulary: known, minCount: 2 }, 'minCount: expected nothing, since vocabulary is given, got 2'],
    [
      { vocabulary: known, maxVocabSize: 9 },
      'maxVocabSize: expected nothing, since vocabulary is given, got 9',
    ],
  ])('refuses the options %o', async (options, message) => {
    await expect(loadText('missing.txt', options as never)).rejects.toThrow(`loadText: ${message}`)
  })
})
