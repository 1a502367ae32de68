import { describe, expect, it } from 'vitest'
import { readLines } from '../../src/data/lines.ts'

async function lines(...chunks: (string | Buffer)[]): Promise<string[]> {
  const all: string[] = []
  for await (const some of readLines(chunks.map((chunk) => Buffer.from(chunk)))) all.push(...some)
  return all
}

describe('readLines', () => {
  it.each([
    ['', []],
    ['a', ['a']],
    ['a\n', ['a']],
    ['a\n\nb', ['a', '', 'b']],
    ['a\r\nb\rc\n', ['a', 'b', 'c']],
    ['a\r', ['a']],
    ['\uFEFFa é 語\u2028\n', ['a é 語\u2028']],
  ])('%j has the lines %j, wherever it is cut', async (text, expected) => {
    const bytes = Buffer.from(text)
    expect(await lines(bytes)).toEqual(expected)
    for (let i = 1; i < bytes.length; i++) {
      expect(await lines(bytes.subarray(0, i), bytes.subarray(i))).toEqual(expected)
    }
  })

  it('gives the lines of a chunk before it reads the next', async () => {
    const chunks = (function* () {
      yield Buffer.from('a\nb\nc')
      throw new Error('too far')
    })()
    const { value } = await readLines(chunks).next()
    expect(value).toEqual(['a', 'b'])
  })

  it('refuses what is no text', async () => {
    await expect(lines('a\nb\n', Buffer.from([0xff]))).rejects.toThrow('invalid UTF-8 in line 3')
    await expect(lines('a\n', Buffer.from([0xe8, 0xaa]))).rejects.toThrow('invalid UTF-8 in line 2')
    await expect(lines(Buffer.from('a\nb\xff\nc', 'latin1'))).rejects.toThrow('invalid UTF-8 in line 2')
    await expect(lines('a\né'.slice(0, 2), Buffer.from('b\nc\xff', 'latin1'))).rejects.toThrow('in line 3')
    const split = Buffer.from('a\né\n')
    const faulty = Buffer.concat([split.subarray(3), Buffer.from([0x62, 0xff])])
    await expect(lines(split.subarray(0, 3), faulty)).rejects.toThrow('invalid UTF-8 in line 3')
    const million = Buffer.alloc(2 ** 20, 'x')
    await expect(lines('a\n', ...Array<Buffer>(17).fill(million))).rejects.toThrow(
      'line 2 has more than 16777216 characters',
    )
  })
})
