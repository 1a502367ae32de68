import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { floorPerplexity, generateCorpus } from '../../src/data/builtin/corpus.ts'
import { ptb } from '../../src/data/ptb.ts'
import { loadTexts, type TextsOptions } from '../../src/data/texts.ts'
import { Vocabulary } from '../../src/data/vocabulary.ts'
import { temporaryFolder } from '../support/command-line.ts'
import { describeUnless, NO_PTB } from '../support/skipping.ts'

let folder: string
beforeEach(() => {
  folder = temporaryFolder()
})

function file(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

describe('a text file', () => {
  const lines = Array.from({ length: 100 }, (_, i) => `line ${i} end\n`).join('')

  test('gives its last twentieth to validation, cut at a line end', async () => {
    const { vocabulary, train, valid, split, ...others } = await loadTexts({ data: file('text.txt', lines) })
    expect(vocabulary.decode(train)).toBe(lines.slice(0, lines.indexOf('line 95')))
    expect(vocabulary.decode(valid!)).toBe('line <unk> end\n'.repeat(5))
    expect([split, vocabulary.size]).toEqual([0.05, 99])
    expect(others).toEqual({})
  })

  test.each([
    [0.1, 40],
    [0.102, 44],
    [0.5, 200],
  ])('gives the part %d to validation', async (split, length) => {
    const texts = await loadTexts({ data: file('text.txt', lines), split })
    expect([texts.train.length, texts.valid?.length, texts.split]).toEqual([400 - length, length, split])
  })

  test('is cut in the middle of a line that is very long', async () => {
    const data = file('text.txt', `a short line\n${'word '.repeat(995)}`)
    const { train, valid } = await loadTexts({ data, split: 0.1 })
    expect([train.length, valid?.length]).toEqual([900, 100])
    expect((await loadTexts({ data, split: 0.1, limit: 500 })).valid).toHaveLength(50)
  })

  test.each([
    ['split is 0', { split: 0 }],
    ['there is a limit', { limit: 390 }],
    ['it is too short', { limit: undefined, short: true }],
  ])(
    'keeps its end if %s',
    async (_, { short = false, ...options }: { short?: boolean; split?: number; limit?: number }) => {
      const texts = await loadTexts({ data: file('text.txt', short ? 'a b c' : lines), ...options })
      expect(texts.train).toHaveLength(short ? 4 : (options.limit ?? 400))
      expect(Object.keys(texts).filter((key) => texts[key as keyof typeof texts] !== undefined)).toEqual([
        'vocabulary',
        'train',
      ])
    },
  )

  test('comes with validation and test files in its vocabulary', async () => {
    const data = file('text.txt', 'a b b\nc b\n')
    const [valid, test] = [file('valid.txt', 'b d\n'), file('test.txt', 'c c\n')]
    const texts = await loadTexts({ data, valid, test, minCount: 2 })
    expect(texts.vocabulary.idToWord).toEqual(['<unk>', 'b', '<eos>'])
    expect(texts).toMatchObject({
      train: Int32Array.of(0, 1, 1, 2, 0, 1, 2),
      valid: Int32Array.of(1, 0, 2),
      test: Int32Array.of(0, 0, 2),
    })
    const all = await loadTexts({ data, valid })
    expect(all.vocabulary.idToWord).toEqual(['a', 'b', '<eos>', 'c', '<unk>'])
    expect(all.valid).toEqual(Int32Array.of(1, 4, 2))
  })

  test('has the vocabulary of its training part, whatever is held out', async () => {
    const training = 'a b c\na b d\n'.repeat(10)
    const options = { minCount: 11, split: 0.05 }
    const one = await loadTexts({ data: file('one.txt', `${training}a c d\nb\n`), ...options })
    const other = await loadTexts({ data: file('other.txt', `${training}a x c\nx x\n`), ...options })
    expect(one.vocabulary.toJSON()).toEqual({
      unit: 'word',
      words: ['a', 'b', '<unk>', '<eos>'],
      unknownTypes: 2,
    })
    expect(other.vocabulary.toJSON()).toEqual(one.vocabulary.toJSON())
    expect(other.train).toEqual(one.train)
    expect(one.vocabulary.decode(one.valid!)).toBe('a <unk> <unk>\nb\n')
    expect(other.vocabulary.decode(other.valid!)).toBe('a <unk> <unk>\n<unk> <unk>\n')
    const apart = await loadTexts({
      data: file('train.txt', training),
      valid: file('valid.txt', 'a c d\nb\n'),
      minCount: 11,
    })
    expect(one).toEqual({ ...apart, split: 0.05 })
    const top = await loadTexts({
      data: file('one.txt', `${training}x x x x x\n`),
      split: 0.1,
      maxVocabSize: 4,
    })
    expect(top.vocabulary.idToWord).toEqual(['a', 'b', '<unk>', '<eos>'])
  })

  test('reads held-out characters that are new as <unk>', async () => {
    const data = file('text.txt', `${'ab\n'.repeat(30)}aé\n`)
    const { vocabulary, valid } = await loadTexts({ data, unit: 'character', split: 0.05 })
    expect(vocabulary.idToWord).toEqual(['a', 'b', '<eos>', '<unk>'])
    expect(valid).toEqual(Int32Array.of(0, 1, 2, 0, 3, 2).subarray(6 - valid!.length))
  })

  test('can be read in a vocabulary that is given, and as characters', async () => {
    const data = file('text.txt', 'a b\n')
    const vocabulary = new Vocabulary(['<eos>', 'b', 'a'])
    expect(await loadTexts({ data, vocabulary })).toEqual({ vocabulary, train: Int32Array.of(2, 1, 0) })
    expect((await loadTexts({ data, unit: 'character' })).vocabulary.toJSON()).toEqual({
      unit: 'character',
      words: ['a', ' ', 'b', '<eos>', '<unk>'],
      unknownTypes: 0,
    })
  })
})

describe('the built-in stories', () => {
  const heldOut = generateCorpus({ words: 10_000, seed: 2 })
  const stories = new Vocabulary(heldOut.idToWord)

  test('come with other stories, and what the true model knows of them', async () => {
    const texts = await loadTexts({ data: 'builtin', limit: 2000 })
    expect(texts.train).toEqual(generateCorpus({ words: 2000, seed: 1 }).corpus)
    expect(texts.vocabulary.idToWord).toEqual(heldOut.idToWord)
    expect(texts.valid).toEqual(heldOut.corpus)
    expect(texts.floor).toBe(floorPerplexity(heldOut, 1))
    expect(texts.memoryPositions).toEqual(heldOut.memoryPositions)
    expect(texts.memoryFloor).toBe(1)
    const again = await loadTexts({
      data: 'builtin',
      limit: 2000,
      vocabulary: Vocabulary.fromJSON(texts.vocabulary.toJSON()),
    })
    expect(again).toEqual(texts)
  })

  test('have no floor on another text', async () => {
    const split = await loadTexts({ data: 'builtin', limit: 2000, split: 0.1 })
    expect(Object.keys(split).sort()).toEqual(['split', 'train', 'valid', 'vocabulary'])
    const valid = file('valid.txt', 'tom was watching tv\n')
    const texts = await loadTexts({ data: 'builtin', limit: 2000, valid })
    expect(texts.vocabulary.decode(texts.valid!)).toBe('tom was watching tv\n')
    expect(texts.floor).toBeUndefined()
  })

  test('can be read as any other text', async () => {
    const frequent = await loadTexts({ data: 'builtin', maxVocabSize: 50 })
    expect(frequent.vocabulary.size).toBe(50)
    expect(frequent.floor).toBeUndefined()
    expect(frequent.valid).toEqual(frequent.vocabulary.encode(`${stories.decode(heldOut.corpus)}\n`))
    const characters = await loadTexts({ data: 'builtin', unit: 'character', limit: 5000 })
    expect(characters.train).toHaveLength(5000)
    expect(stories.decode(generateCorpus({ words: 5000, seed: 1 }).corpus)).toContain(
      characters.vocabulary.decode(characters.train),
    )
    expect(Object.keys(characters)).toEqual(['vocabulary', 'train'])
    await expect(loadTexts({ data: 'builtin', vocabulary: new Vocabulary(['a', 'the']) })).rejects.toThrow(
      'cannot read builtin: line 1: word: expected one of the 2 words of the vocabulary, which has no <unk>',
    )
  })
})

describeUnless(NO_PTB, 'the Penn Treebank', () => {
  test('has three parts', async () => {
    const { vocabulary, train, valid, test, ...others } = await loadTexts({ data: 'ptb' })
    expect([vocabulary.size, train.length, valid?.length, test?.length]).toEqual([
      10_000, 929_589, 73_760, 82_430,
    ])
    expect(others).toEqual({})
    const expected = (await ptb.loadData('valid')).corpus
    expect(Buffer.from(valid!.buffer).equals(Buffer.from(expected.buffer))).toBe(true)
  })

  test('keeps its ids with all of its words, and has the words of its beginning', async () => {
    const { corpus, idToWord } = await ptb.loadData('train')
    const all = await loadTexts({ data: 'ptb', maxVocabSize: 10_000, minCount: 1, split: 0 })
    expect(all.vocabulary.idToWord.join(' ')).toBe(idToWord.join(' '))
    expect(Buffer.from(all.train.buffer).equals(Buffer.from(corpus.buffer))).toBe(true)
    const { vocabulary, ...beginning } = await loadTexts({ data: 'ptb', limit: 1000 })
    expect(vocabulary.idToWord).toEqual(idToWord.slice(0, 418))
    expect(beginning).toEqual({ train: corpus.slice(0, 1000) })
  })
})

test.each([
  [{}, "data: expected 'builtin', 'ptb' or the path of a text file, got undefined"],
  [{ data: '' }, "data: expected 'builtin', 'ptb' or the path of a text file, got \"\""],
  [{ data: 'a', valid: 5 }, 'valid: expected the path of a text file, got 5'],
  [{ data: 'a', test: '' }, 'test: expected the path of a text file, got ""'],
  [{ data: 'a', split: 0.6 }, 'split: expected a finite number in 0…0.5, got 0.6'],
  [{ data: 'a', split: '0.1' }, 'split: expected a finite number in 0…0.5, got "0.1"'],
  [{ data: 'a', split: 0.1, valid: 'b' }, 'split: expected nothing or 0, since valid is given, got 0.1'],
  [
    { data: 'builtin', limit: 5, split: 0.2 },
    'split: expected a fraction that is at least 2 of the 5 tokens, got 0.2',
  ],
  [{ data: 'builtin', unit: 'sentence' }, "unit: expected 'word' or 'character', got \"sentence\""],
])('refuses %j', async (options, message) => {
  await expect(loadTexts(options as TextsOptions)).rejects.toThrow(`loadTexts: ${message}`)
})
