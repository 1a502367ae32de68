/** Runs the built command line on a pseudo terminal, which python3 opens. */
import { spawnSync } from 'node:child_process'
import { main } from './command-line.ts'

/** A terminal of 80 columns and 24 rows. */
const OPEN_TERMINAL = `
import fcntl, os, pty, struct, sys, termios
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 80, 0, 0))
    os.execvp(sys.argv[1], sys.argv[1:])
while True:
    try:
        output = os.read(terminal, 65536)
    except OSError:
        break
    if not output:
        break
    sys.stdout.buffer.write(output)
status = os.waitpid(pid, 0)[1]
sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 1)
`

/** Whether a pseudo terminal can be opened here. */
export const hasTerminal =
  spawnSync('python3', ['-c', 'import pty, os; os.close(pty.openpty()[0])']).status === 0

/** What the terminal is sent on standard output and standard error, and the exit code. */
export function rnnlmOnTerminal(
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): { code: number | null; output: string } {
  const command = ['-c', OPEN_TERMINAL, process.execPath, main, ...args]
  const options = { cwd, input: '', env: { ...process.env, ...env } }
  const { status, stdout } = spawnSync('python3', command, options)
  return { code: status, output: stdout.toString() }
}
