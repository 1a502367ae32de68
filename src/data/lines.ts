/** The lines of a text in UTF-8 that comes in chunks. A line ends at `\n`, `\r\n` or `\r`. */
import type { Chunks } from './text-blocks.ts'

const LONGEST_LINE = 2 ** 24

/**
 * The lines that each chunk ends, as soon as it is there; a last line may lack its end.
 * @throws an error that names the line of what is no UTF-8, or of more than 16 million characters without an end
 */
export async function* readLines(chunks: Chunks): AsyncGenerator<string[], void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  let count = 0
  const decode = (chunk?: Buffer): string => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined })
    } catch {
      throw new Error(`invalid UTF-8 behind line ${count}`)
    }
  }
  for await (const chunk of chunks) {
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
