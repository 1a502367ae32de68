/**
 * Decodes text files in chunks: UTF-8, UTF-16 with a byte order mark, and gzip. Other files are rejected with their
 * apparent type and the command that converts them.
 */
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

export type Chunks = Iterable<Buffer> | AsyncIterable<Buffer>

const GZIP = Buffer.of(0x1f, 0x8b)
const UTF_16_LE = Buffer.of(0xff, 0xfe)
const UTF_16_BE = Buffer.of(0xfe, 0xff)
const UTF_32_LE = Buffer.of(0xff, 0xfe, 0, 0)
const UTF_32_BE = Buffer.of(0, 0, 0xfe, 0xff)

const iconv = (encoding: string) => `convert it with "iconv -f ${encoding} -t UTF-8 FILE > TEXT"`

/** Signatures of files that are not text. */
const OTHERS: readonly [start: Buffer, what: string][] = [
  [Buffer.of(0xfd, 0x37, 0x7a, 0x58), 'it is compressed by xz: unpack it with "xz -d FILE"'],
  [Buffer.of(0x28, 0xb5, 0x2f, 0xfd), 'it is compressed by zstd: unpack it with "zstd -d FILE"'],
  [Buffer.from('BZh9'), 'it is compressed by bzip2: unpack it with "bzip2 -d FILE"'],
  [Buffer.from('7z\xbc\xaf', 'latin1'), 'it is a 7-Zip archive: unpack it with "7z x FILE"'],
  [
    Buffer.from('PK\x03\x04'),
    'it is a ZIP archive or a document of Word or LibreOffice: unpack it with "unzip FILE", ' +
      'or convert a document with "pandoc -t plain FILE > TEXT"',
  ],
  [Buffer.from('%PDF'), 'it is a PDF document: convert it with "pdftotext FILE TEXT"'],
  [UTF_32_LE, `it is UTF-32: ${iconv('UTF-32')}`],
  [UTF_32_BE, `it is UTF-32: ${iconv('UTF-32')}`],
]

const STARTS = [GZIP, UTF_16_LE, UTF_16_BE, ...OTHERS.map(([start]) => start)]
const GUNZIP_CHUNK = 2 ** 16
const SAMPLE = 2 ** 12

/**
 * The text as UTF-8 chunks.
 * @throws an error that says how to convert another type of file
 */
export async function* decodeText(
  chunks: Chunks,
  isUnpacked = false,
): AsyncGenerator<Buffer, void, undefined> {
  const iterator = chunksOf(chunks)
  try {
    let head: Buffer = Buffer.alloc(0)
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      head = head.length === 0 ? next.value : Buffer.concat([head, next.value])
      if (!STARTS.some((start) => head.length < start.length && beginsWith(start, head))) break
    }
    const all = (async function* () {
      yield head
      yield* iterator
    })()
    if (beginsWith(head, GZIP)) {
      if (isUnpacked) throw new Error('it is compressed twice; decompress it once with "gzip -d FILE"')
      yield* decodeText(gunzip(all), true)
      return
    }
    const other = OTHERS.find(([start]) => beginsWith(head, start)) ?? withoutMark(head)
    if (other) throw new Error(other[1])
    if (beginsWith(head, UTF_16_LE)) yield* fromUtf16(all, 'utf-16le')
    else if (beginsWith(head, UTF_16_BE)) yield* fromUtf16(all, 'utf-16be')
    else yield* all
  } finally {
    await iterator.return(undefined)
  }
}

async function* chunksOf(chunks: Chunks): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of chunks) if (chunk.length > 0) yield chunk
}

function beginsWith(bytes: Buffer, start: Buffer): boolean {
  return bytes.subarray(0, start.length).equals(start)
}

/** Detects UTF-16 by the zero in every second byte of most characters, which other text does not contain. */
function withoutMark(head: Buffer): [start: Buffer, what: string] | undefined {
  if (beginsWith(head, UTF_16_LE) || beginsWith(head, UTF_16_BE)) return undefined
  const sample = head.subarray(0, SAMPLE)
  const zeros = [0, 0]
  for (let i = 0; i < sample.length; i++) if (sample[i] === 0) zeros[i % 2]!++
  const [even, odd] = zeros as [number, number]
  if (even + odd < sample.length / 8 || even + odd === 0) return undefined
  if (odd > 4 * even) return [UTF_16_LE, `it is UTF-16 without a byte order mark: ${iconv('UTF-16LE')}`]
  if (even > 4 * odd) return [UTF_16_BE, `it is UTF-16 without a byte order mark: ${iconv('UTF-16BE')}`]
  return undefined
}

async function* fromUtf16(
  chunks: AsyncIterable<Buffer>,
  encoding: 'utf-16le' | 'utf-16be',
): AsyncGenerator<Buffer, void, undefined> {
  const decoder = new TextDecoder(encoding, { fatal: true })
  let offset = 0
  const decode = (chunk?: Buffer): Buffer => {
    try {
      return Buffer.from(decoder.decode(chunk, { stream: chunk !== undefined }))
    } catch {
      const place = chunk ? `in the ${chunk.length} bytes from byte ${offset} on` : 'at its end'
      throw new Error(`invalid UTF-16 ${place}: it is damaged or cut off`)
    }
  }
  for await (const chunk of chunks) {
    yield decode(chunk)
    offset += chunk.length
  }
  yield decode()
}

/** Decompresses all members of a gzip file at the speed of the reader. */
async function* gunzip(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const unpacked = createGunzip({ chunkSize: GUNZIP_CHUNK })
  pipeline(Readable.from(chunks, { objectMode: false }), unpacked, () => {}) // errors are thrown by the loop
  try {
    yield* unpacked
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (!code?.startsWith('Z_')) throw cause
    const what = code === 'Z_BUF_ERROR' ? 'is cut off' : `is damaged (${message})`
    throw new Error(`its gzip data ${what}: get it again`, { cause })
  }
}

/** How to fix bytes that are not UTF-8. @param before the text before them */
export function remedyFor(before: Buffer, bytes: Buffer): string {
  if (bytes.subarray(0, SAMPLE).some(isControl)) return 'it looks like a binary file'
  if (before.some((byte) => byte >= 0x80)) {
    return 'the text before it is UTF-8, so the file is damaged there; "iconv -c -f UTF-8 -t UTF-8 FILE > TEXT" leaves such bytes out'
  }
  return `if it is Windows-1252 or Latin-1, ${iconv('WINDOWS-1252')}; "file FILE" tells other encodings`
}

/** C0 controls except white space and escape. */
function isControl(byte: number): boolean {
  return byte < 0x20 && !(byte >= 0x09 && byte <= 0x0d) && byte !== 0x1b
}

/** Decodes a small file, such as JSON: UTF-8, or UTF-16 with a byte order mark, which is removed. */
export function decodeBytes(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 2))
  const encoding = head.equals(UTF_16_LE) ? 'utf-16le' : head.equals(UTF_16_BE) ? 'utf-16be' : 'utf-8'
  return new TextDecoder(encoding).decode(bytes)
}
