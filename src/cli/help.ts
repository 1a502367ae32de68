/** Wraps help to the width of the terminal. */
import { Help } from 'commander'
import { columnsOf } from '../report/terminal.ts'

const NARROWEST = 40
const WIDEST = 100

/** The width of help on a stream: 80 columns if it is not a terminal; otherwise between 40 and 100. */
export function helpWidth(stream: { columns?: number }): number {
  return Math.min(WIDEST, Math.max(NARROWEST, columnsOf(stream)))
}

/** Wraps the paragraphs of a help text. Indented lines, such as options and examples, are not changed. */
export function wrapHelp(text: string, width: number): string {
  const wrapper = new Help()
  const lines: string[] = []
  let paragraph: string[] = []
  const endParagraph = () => {
    if (paragraph.length > 0) lines.push(wrapper.boxWrap(paragraph.join(' '), width))
    paragraph = []
  }
  for (const line of text.split('\n')) {
    if (/^\S/.test(line)) {
      paragraph.push(line)
      continue
    }
    endParagraph()
    lines.push(line)
  }
  endParagraph()
  return lines.join('\n')
}
