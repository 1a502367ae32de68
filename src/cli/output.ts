/**
 * All output of the commands. On a terminal, control characters are escaped so that a text or a path cannot move the
 * cursor, change colours or forge a line. Pipes and files receive results unchanged.
 */
import { once } from 'node:events'
import { reason } from '../files/file-error.ts'
import { escapeControls, escapeControlsAndLines } from '../report/control-characters.ts'
import type { ProgressStream } from '../report/progress.ts'
import { canRedraw } from '../report/terminal.ts'
import { helpWidth, wrapHelp } from './help.ts'

/** The stream on which progress is drawn with escape sequences. */
export const progressStream: ProgressStream = process.stderr

/** Writes results; waits while the reader is slower. */
export async function print(text: string): Promise<void> {
  await writeOut(process.stdout.isTTY ? escapeControls(text) : text)
}

/** Writes a coloured chart. Names in it must already be escaped. */
export async function printChart(text: string): Promise<void> {
  await writeOut(text)
}

async function writeOut(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
}

/** Writes messages about the run to standard error. */
export function tell(text: string): void {
  process.stderr.write(process.stderr.isTTY ? `${escapeControls(text)}\n` : `${text}\n`)
}

/** Writes an error or warning as one line. Control characters are always escaped, since a path may contain any. */
export function complain(message: string): void {
  process.stderr.write(`rnnlm: ${escapeControlsAndLines(message)}\n`)
}

/** Starts a new line on a terminal that has just shown `^C`. */
export function endInterruptedLine(): void {
  if (process.stderr.isTTY) process.stderr.write(canRedraw(process.stderr) ? '\r\u001b[K' : '\n')
}

/** Output of commander: help and usage errors. */
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
 * Exits silently when the reader of standard output closes the pipe (`| head`). A closed standard error is ignored.
 */
export function watchOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    complain(`cannot write standard output: ${reason(error)}`)
    process.exit(1)
  })
  process.stderr.on('error', () => {})
}
