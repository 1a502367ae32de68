/** Splits a stream into lines. A line ends at `\n`, `\r\n` or `\r`. */
import { type Chunks, decodeText, remedyFor } from '../files/encodings.ts'
import { firstInvalidByte } from './text-blocks.ts'

const LONGEST_LINE = 2 ** 24
const LINE_END = /\r\n|\n|\r/

/**
 * Yields the complete lines of each chunk as soon as it arrives. The last line may lack a line end.
 * @throws an error that names the line if it is not UTF-8 or is longer than 16 million characters
 */
export async function* readLines(chunks: Chunks): AsyncGenerator<string[], void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  let count = 0
  const decode = (chunk?: Buffer): string => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined })
    } catch {
      const before = rest + (chunk ? validPart(chunk) : '')
      const remedy = remedyFor(Buffer.from(before), chunk ?? Buffer.alloc(0))
      throw new Error(`invalid UTF-8 in line ${count + before.split(LINE_END).length}: ${remedy}`)
    }
  }
  for await (const chunk of decodeText(chunks)) {
    const lines = (rest + decode(chunk)).split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop()!
    count += lines.length
    if (rest.length > LONGEST_LINE)
      throw new Error(`line ${count + 1} has more than ${LONGEST_LINE} characters`)
    if (lines.length > 0) yield lines
  }
  rest += decode()
  if (rest !== '') yield [rest.replace(/\r$/, '')]
}

/** The text before the first invalid byte of a chunk. The chunk may begin with the rest of a character. */
function validPart(chunk: Buffer): string {
  const start = chunk.findIndex((byte) => (byte & 0xc0) !== 0x80)
  if (start < 0) return ''
  const whole = chunk.subarray(start)
  const end = firstInvalidByte(whole)
  return end === whole.length ? '' : whole.subarray(0, end).toString()
}
