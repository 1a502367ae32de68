/** Runs a script in a process of its own; it may import from `./src/…`. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** @param limits in the words of the shell's `ulimit`, such as `-f 8` (files of at most 8 KiB) */
export function startScript(script: string, limits = ''): ChildProcessWithoutNullStreams {
  const node = [process.execPath, '--import', 'tsx', '--input-type', 'module', '--eval', script]
  const command = limits ? ['bash', '-c', `ulimit ${limits}; exec "$@"`, 'bash', ...node] : node
  return spawn(command[0]!, command.slice(1), { cwd: root })
}
