/** Standard output and standard error of a command that may stand in a pipe. */
import { once } from 'node:events'
import { reason } from '../errors.ts'

/** Writes results, no faster than they are read. */
export async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
}

/**
 * A reader that has seen enough (`| head`) ends the command without a word. Where nobody reads standard error any more,
 * the command goes on.
 */
export function watchOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    process.stderr.write(`rnnlm: cannot write standard output: ${reason(error)}\n`)
    process.exit(1)
  })
  process.stderr.on('error', () => {})
}
