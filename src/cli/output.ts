/**
 * Standard output and standard error of all commands, which write nowhere else. A terminal is shown control characters
 * escaped, so that no word of a text and no path can move the cursor, change colours or forge a line; pipes and files
 * get results as they are.
 */
import { once } from 'node:events'
import { reason } from '../files/file-error.ts'
import { escapeControls, escapeControlsAndLines } from '../report/control-characters.ts'
import type { ProgressStream } from '../report/progress.ts'
import { canRedraw } from '../report/terminal.ts'
import { helpWidth, wrapHelp } from './help.ts'

/** Where progress is drawn, by escape sequences of its own around numbers. */
export const progressStream: ProgressStream = process.stderr

/** Writes results, no faster than they are read. */
export async function print(text: string): Promise<void> {
  await writeOut(process.stdout.isTTY ? escapeControls(text) : text)
}

/** Writes a chart that has colours; the names in it must be escaped already. */
export async function printChart(text: string): Promise<void> {
  await writeOut(text)
}

async function writeOut(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
}

/** Writes lines about the run to standard error. */
export function tell(text: string): void {
  process.stderr.write(process.stderr.isTTY ? `${escapeControls(text)}\n` : `${text}\n`)
}

/** Writes an error, or a warning, as one line, everywhere without control characters: a path may contain any. */
export function complain(message: string): void {
  process.stderr.write(`rnnlm: ${escapeControlsAndLines(message)}\n`)
}

/** Starts a new line on a terminal that has just shown `^C`. */
export function endInterruptedLine(): void {
  if (process.stderr.isTTY) process.stderr.write(canRedraw(process.stderr) ? '\r\u001b[K' : '\n')
}

/** What commander writes about options and as help. */
export const commanderOutput = {
  getOutHelpWidth: () => helpWidth(process.stdout),
  getErrHelpWidth: () => helpWidth(process.stderr),
  writeOut: (text: string) => {
    const wrapped = wrapHelp(text, helpWidth(process.stdout))
    process.stdout.write(process.stdout.isTTY ? escapeControls(wrapped) : wrapped)
  },
  writeErr: (text: string) => tell(text.trimEnd()),
}

/**
 * A reader that has seen enough (`| head`) ends the command without a word. Where nobody reads standard error any more,
 * the command goes on.
 */
export function watchOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    complain(`cannot write standard output: ${reason(error)}`)
    process.exit(1)
  })
  process.stderr.on('error', () => {})
}
