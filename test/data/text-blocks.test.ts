import { describe, expect, test } from 'vitest'
import { findFault, textBlocks } from '../../src/data/text-blocks.ts'
import type { Unit } from '../../src/data/tokenizer.ts'

async function blocksOf(unit: Unit, ...chunks: (string | number[])[]): Promise<string[]> {
  const blocks: string[] = []
  for await (const block of textBlocks(
    chunks.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk))),
    unit,
  )) {
    blocks.push(block.toString())
  }
  return blocks
}

describe('textBlocks', () => {
  test('of words end after ASCII white space', async () => {
    expect(await blocksOf('word', 'a b', 'c d ', 'e\u3000f', '', 'g\nh')).toEqual([
      'a ',
      'bc d ',
      'e\u3000fg\n',
      'h',
    ])
  })

  test('of characters end after a character', async () => {
    const [first, second, third, fourth] = Buffer.from('😀')
    expect(
      await blocksOf('character', 'ab', [first!], [second!, third!], [fourth!, 0xc3], [0xa9], 'c'),
    ).toEqual(['ab', '😀', 'é', 'c'])
  })

  test('hold no more than a chunk where there is white space', async () => {
    const blocks = await blocksOf('word', 'abc '.repeat(100_000))
    expect(Math.max(...blocks.map((block) => block.length))).toBeLessThanOrEqual(2 ** 16)
    expect(blocks.join('')).toBe('abc '.repeat(100_000))
  })
})

describe('findFault', () => {
  test.each([
    ['nothing', [], undefined],
    ['text', [...Buffer.from('Ça va 😀')], undefined],
    ['a lone continuation byte', [0x61, 0x80], 1],
    ['a character that is cut off', [0x61, 0xe6, 0x9d], 1],
    ['an overlong encoding', [0x61, 0x62, 0xc0, 0xaf], 2],
    ['a surrogate', [0xed, 0xa0, 0x80], 0],
    ['a byte beyond Unicode', [0x61, 0xf5, 0x80, 0x80, 0x80], 1],
    ['a NUL byte', [0x61, 0x00, 0x80], 1],
    ['a NUL byte within a character', [0x61, 0x62, 0xc3, 0x00], 2],
    ['a real replacement character before it', [...Buffer.from('\uFFFD'), 0xef, 0xbf], 3],
  ])('%s', (_, bytes, place) => {
    expect(findFault(Buffer.from(bytes))?.place).toBe(place)
  })
})
