import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeText, loadText } from '../../src/data/text.ts'
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

async function wordsOf(...chunks: Uint8Array[]): Promise<string[]> {
  const vocabulary = new Vocabulary()
  const ids = await encodeText(
    chunks.map((chunk) => Buffer.from(chunk)),
    (word) => vocabulary.add(word),
  )
  return Array.from(ids, (id) => vocabulary.idToWord[id]!)
}

/** Another way to the same words: line by line, as one string. */
function wordsByLine(text: string): string[] {
  return text
    .replaceAll('<eos>', '\n')
    .split(/\r\n|\r|\n/)
    .map((line) => line.split(/\s+/).filter((word) => word !== ''))
    .flatMap((words) => (words.length > 0 ? [...words, '<eos>'] : []))
}

describe('words of a text', () => {
  test.each([
    ['two lines', 'you say goodbye\nand i say hello\n', 'you say goodbye <eos> and i say hello <eos>'],
    ['no space before the line end', 'the end\nstart over', 'the end <eos> start over <eos>'],
    ['a last line without a line end', 'a b', 'a b <eos>'],
    ['spaces around lines', '  a   b \n\t c \n', 'a b <eos> c <eos>'],
    ['CRLF and CR', 'a\r\nb\rc\r\n', 'a <eos> b <eos> c <eos>'],
    ['blank lines', '\n\n a\n \n\r\n\nb\n\n', 'a <eos> b <eos>'],
    ['a byte order mark', '\uFEFFa b\n', 'a b <eos>'],
    ['white space beyond ASCII', 'a\u00A0b\u3000c', 'a b c <eos>'],
    ['a text that brings its own <eos>', 'a b <eos>\nc <eos> d\n<eos>\n', 'a b <eos> c <eos> d <eos>'],
    ['upper case, marks and other scripts', 'Ça va ? 東京 😀\n', 'Ça va ? 東京 😀 <eos>'],
    ['nothing', '', ''],
    ['only white space', ' \n\t\n', ''],
  ])('%s', async (_, text, expected) => {
    expect((await wordsOf(Buffer.from(text))).join(' ')).toBe(expected)
  })

  const texts = fc
    .array(
      fc.oneof(
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom(' ', '\n', '\r\n', '\r', ' <eos> ', 'café', '😀'),
      ),
    )
    .map((parts) => parts.join(''))

  test('are the same wherever the text is cut into chunks', async () => {
    await fc.assert(
      fc.asyncProperty(texts, fc.array(fc.nat()), async (text, cuts) => {
        const bytes = Buffer.from(text)
        const places = cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b)
        const chunks = [0, ...places].map((start, i) => bytes.subarray(start, places[i] ?? bytes.length))
        expect(await wordsOf(...chunks)).toEqual(wordsByLine(text))
      }),
    )
  })

  test('written out and read again are the same', async () => {
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const words = await wordsOf(Buffer.from(text))
        expect(await wordsOf(Buffer.from(words.join(' ')))).toEqual(words)
      }),
    )
  })
})

describe('loadText', () => {
  test('gives ids in order of first appearance', async () => {
    const { corpus, wordToId, idToWord } = await loadText(file('you say goodbye\nand i say hello\n'))
    expect(corpus).toEqual(Int32Array.of(0, 1, 2, 3, 4, 5, 1, 6, 3))
    expect(idToWord).toEqual(['you', 'say', 'goodbye', '<eos>', 'and', 'i', 'hello'])
    expect(wordToId).toEqual(new Map(idToWord.map((word, id) => [word, id])))
  })

  test('reads a text of many blocks', async () => {
    const words = Array.from({ length: 100_000 }, (_, i) => `wörd${i % 1234}`)
    const { corpus, idToWord } = await loadText(file(words.join(' ')))
    expect(idToWord.length).toBe(1235)
    expect(Array.from(corpus, (id) => idToWord[id])).toEqual([...words, '<eos>'])
  })

  test('reads words longer than a block', async () => {
    const long = 'x'.repeat(200_000)
    expect((await loadText(file(`a ${long} b`))).idToWord).toEqual(['a', long, 'b', '<eos>'])
  })

  test.each([
    ['an empty file', '', 'the file is empty or has only white space'],
    ['only white space', ' \n\t\r\n', 'the file is empty or has only white space'],
    ['Latin-1', Buffer.from('un café noir', 'latin1'), 'invalid UTF-8 at byte 6'],
    ['a lone continuation byte', Uint8Array.of(0x61, 0x80), 'invalid UTF-8 at byte 1'],
    ['a character that is cut off', Buffer.from('ab 😀').subarray(0, 6), 'invalid UTF-8 at byte 3'],
    [
      'a replacement character before it',
      Buffer.concat([Buffer.from('\uFFFD'), Buffer.of(0xef, 0xbf)]),
      'at byte 3',
    ],
    ['UTF-16', Buffer.from('\uFEFFhello', 'utf16le'), 'invalid UTF-8 at byte 0'],
    [
      'a bad byte in a later block',
      Buffer.concat([Buffer.from('é '.repeat(70_000)), Buffer.of(0xff)]),
      'invalid UTF-8 at byte 210000',
    ],
    ['no white space in sight', 'x'.repeat(3_000_000), 'more than 1048576 bytes without white space'],
  ])('refuses %s', async (_, content, reason) => {
    const path = file(content)
    const error: Error = await loadText(path).catch((error) => error)
    expect(error.message).toContain(`cannot read ${path}: `)
    expect(error.message).toContain(reason)
  })

  test('refuses a missing file, a folder and a file that is too large', async () => {
    const missing = join(folder, 'missing.txt')
    await expect(loadText(missing)).rejects.toThrow(`cannot read ${missing}: no such file or folder`)
    await expect(loadText(folder)).rejects.toThrow(`cannot read ${folder}: it is a folder`)
    const large = file('')
    truncateSync(large, 2 ** 30 + 1)
    await expect(loadText(large)).rejects.toThrow(`cannot read ${large}: it is larger than 1073741824 bytes`)
    await expect(loadText(3 as never)).rejects.toThrow(
      new TypeError('loadText: path: expected the path of a text file, got 3'),
    )
  })
})
