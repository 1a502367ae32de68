import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readLines } from '../../src/data/lines.ts'
import { loadText } from '../../src/data/text.ts'
import { decodeBytes, decodeText } from '../../src/files/encodings.ts'
import { temporaryFolder } from '../support/command-line.ts'

const TEXT = 'Ça va 😀\nund 日本語 geht\r\nauch'

const utf16 = (text: string, isLittle = true) => {
  const bytes = Buffer.from(`\uFEFF${text}`, 'utf16le')
  return isLittle ? bytes : bytes.swap16()
}

async function decoded(...chunks: Buffer[]): Promise<string> {
  const all: Buffer[] = []
  for await (const chunk of decodeText(chunks)) all.push(chunk)
  return Buffer.concat(all).toString()
}

/** By one byte, at the beginning; then in the middle; then into single bytes. */
function* cuts(bytes: Buffer): Generator<Buffer[]> {
  yield [bytes]
  for (let i = 1; i < Math.min(bytes.length, 24); i++) yield [bytes.subarray(0, i), bytes.subarray(i)]
  yield Array.from(bytes, (byte) => Buffer.of(byte))
}

describe('is read wherever it is cut:', () => {
  it.each<[string, Buffer, string]>([
    ['UTF-8', Buffer.from(TEXT), TEXT],
    ['nothing', Buffer.alloc(0), ''],
    ['one byte', Buffer.from('B'), 'B'],
    ['UTF-16, little-endian', utf16(TEXT), TEXT],
    ['UTF-16, big-endian', utf16(TEXT, false), TEXT],
    ['gzip', gzipSync(TEXT), TEXT],
    ['gzip of nothing', gzipSync(''), ''],
    ['gzip of several members', Buffer.concat([gzipSync('Ça '), gzipSync(''), gzipSync('va')]), 'Ça va'],
    ['gzip of UTF-16', gzipSync(utf16(TEXT)), TEXT],
  ])('%s', async (_, bytes, text) => {
    for (const chunks of cuts(bytes)) expect(await decoded(...chunks)).toBe(text)
  })
})

describe('is refused with the remedy:', () => {
  it.each<[string, Buffer, string]>([
    ['gzip that is cut off', gzipSync(TEXT).subarray(0, -9), 'its gzip data is cut off'],
    ['gzip that is damaged', damaged(gzipSync(TEXT)), 'its gzip data is damaged ('],
    ['gzip of gzip', gzipSync(gzipSync(TEXT)), 'compressed twice; decompress it once with "gzip -d FILE"'],
    ['gzip of xz', gzipSync(Buffer.from('fd377a585a00', 'hex')), 'it is compressed by xz'],
    ['xz', Buffer.from('fd377a585a0000', 'hex'), 'it is compressed by xz: unpack it with "xz -d FILE"'],
    ['zstd', Buffer.from('28b52ffd0458', 'hex'), 'it is compressed by zstd: unpack it with "zstd -d FILE"'],
    ['bzip2', Buffer.from('BZh91AY&SY'), 'it is compressed by bzip2: unpack it with "bzip2 -d FILE"'],
    ['a document of Word', Buffer.from('PK\x03\x04\x14\0\x06\0'), 'pandoc -t plain'],
    ['PDF', Buffer.from('%PDF-1.4\n%'), 'it is a PDF document: convert it with "pdftotext FILE TEXT"'],
    [
      'UTF-32',
      Buffer.from('fffe000061000000', 'hex'),
      'convert it with "iconv -f UTF-32 -t UTF-8 FILE > TEXT"',
    ],
    ['UTF-16 without a mark', utf16(TEXT).subarray(2), 'iconv -f UTF-16LE -t UTF-8 FILE > TEXT'],
    ['UTF-16, big-endian, without a mark', utf16(TEXT, false).subarray(2), 'iconv -f UTF-16BE'],
    ['UTF-16 that is cut off', utf16(TEXT).subarray(0, -1), 'invalid UTF-16 at its end'],
    [
      'UTF-16 of half a character',
      Buffer.from('fffe00d86100', 'hex'),
      'invalid UTF-16 in the 6 bytes from byte 0',
    ],
    [
      'Latin-1',
      Buffer.from('un café\nnoir', 'latin1'),
      'line 1: if it is Windows-1252 or Latin-1, convert it with "iconv -f WINDOWS-1252 -t UTF-8 FILE > TEXT"',
    ],
    [
      'UTF-8 with one bad byte',
      Buffer.concat([Buffer.from('é\né'), Buffer.of(0xff), Buffer.from('\n')]),
      'line 2: the text before it is UTF-8, so the file is damaged there; "iconv -c',
    ],
    ['a binary file', Buffer.from('89504e470d0a1a0a0000000d', 'hex'), 'it looks like a binary file'],
  ])('%s', async (_, bytes, message) => {
    const path = join(temporaryFolder(), 'text')
    writeFileSync(path, bytes)
    await expect(loadText(path)).rejects.toThrow(`cannot read ${path}: `)
    await expect(loadText(path)).rejects.toThrow(message)
    const lines = async () => {
      for await (const _ of readLines([bytes]));
    }
    await expect(lines()).rejects.toThrow(message)
  })
})

function damaged(bytes: Buffer): Buffer {
  bytes[bytes.length - 6]! ^= 1
  return bytes
}

it('a gzip bomb streams: nothing of it is read that is not asked for', async () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000, 'a '))
  const before = process.memoryUsage().arrayBuffers
  let bytes = 0
  for await (const chunk of decodeText([bomb])) {
    bytes += chunk.length
    if (bytes > 1_000_000) break
  }
  expect(bytes).toBeLessThan(2_000_000)
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000)
})

it('an error of the file itself is told as it is', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'a.gz'))
  await expect(loadText(join(folder, 'a.gz'))).rejects.toThrow('it is a folder')
  await expect(loadText(join(folder, 'b.gz'))).rejects.toThrow('no such file or folder')
})

it.each([
  ['UTF-8', Buffer.from('{"é": 1}')],
  ['UTF-8 with a mark', Buffer.from('\uFEFF{"é": 1}')],
  ['UTF-16', utf16('{"é": 1}')],
  ['UTF-16, big-endian', utf16('{"é": 1}', false)],
])('decodeBytes reads %s', (_, bytes) => {
  expect(decodeBytes(bytes)).toBe('{"é": 1}')
})
