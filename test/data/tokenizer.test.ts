import { expect, test } from 'vitest'
import { Tokenizer, type Unit } from '../../src/data/tokenizer.ts'

function tokenize(text: string, unit: Unit = 'word', limit?: number) {
  const words: string[] = []
  const tokenizer = new Tokenizer(
    unit,
    (bytes, start, end) => words.push(bytes.toString('utf8', start, end)) - 1,
    limit,
  )
  tokenizer.write(Buffer.from(text))
  tokenizer.end()
  return { words, tokenizer }
}

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
  ['words that look like <eos>', '<eos <eosx> <EOS> <e>s>', '<eos <eosx> <EOS> <e>s> <eos>'],
  ['upper case, marks and other scripts', 'Ça va ? 東京 😀\n', 'Ça va ? 東京 😀 <eos>'],
  ['nothing', '', ''],
  ['only white space', ' \n\t\n', ''],
])('words: %s', (_, text, expected) => {
  expect(tokenize(text).words.join(' ')).toBe(expected)
})

test('words end at what \\s matches, and at nothing else', () => {
  const characters: string[] = []
  for (let code = 1; code < 0x11000; code++) {
    if (code < 0xd800 || code >= 0xe000) characters.push(String.fromCodePoint(code))
  }
  const words = new Set(tokenize(characters.map((character) => `a${character}b`).join(' ')).words)
  const isJoined = (character: string) => words.has(`a${character}b`)
  expect(characters.filter((character) => isJoined(character) === /\s/.test(character))).toEqual([])
})

test.each([
  ['spaces and marks', 'Ça  va?\n', 'Ç|a| | |v|a|?|<eos>'],
  ['all planes', 'aé東😀', 'a|é|東|😀|<eos>'],
  ['code points, not graphemes', 'e\u0301👩‍🚀', 'e|\u0301|👩|\u200D|🚀|<eos>'],
  ['blank lines', 'a\n\n\nb\n', 'a|<eos>|<eos>|<eos>|b|<eos>'],
  ['CRLF and CR', 'a\r\nb\r\rc\n\r', 'a|<eos>|b|<eos>|<eos>|c|<eos>|<eos>'],
  ['<eos> as it is written', '<eos>', '<|e|o|s|>|<eos>'],
  ['a tab, and other line separators', 'a\tb\u2028c', 'a|\t|b|\u2028|c|<eos>'],
  ['a line end', '\n', '<eos>'],
  ['nothing', '', ''],
])('characters: %s', (_, text, expected) => {
  expect(tokenize(text, 'character').words.join('|')).toBe(expected)
})

test('stops at the limit', () => {
  const text = 'a b\nc d'
  for (const [limit, expected] of ['', 'a', 'a b', 'a b <eos>', 'a b <eos> c', 'a b <eos> c d'].entries()) {
    const { words, tokenizer } = tokenize(text, 'word', limit)
    expect(words.join(' ')).toBe(expected)
    expect(tokenizer.isFull).toBe(true)
    expect(tokenizer.takeIds()).toHaveLength(limit)
  }
  expect(tokenize(text, 'word', 100).tokenizer.isFull).toBe(false)
})

test('counts lines, however they end', () => {
  expect(tokenize('a').tokenizer.line).toBe(1)
  expect(tokenize('a\n').tokenizer.line).toBe(2)
  expect(tokenize('\r\n\n\r\r\nb').tokenizer.line).toBe(5)
  expect(tokenize('\r\n\n\r\r\nb', 'character').tokenizer.line).toBe(5)
})
