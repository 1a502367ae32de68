/** Runs a script in a process of its own. It may import from `./dist/…`: TypeScript would take longer to start. */
import { fileURLToPath } from 'node:url'
import { type ProcessOptions, type Started, startProcess } from './processes.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

export function startScript(script: string, options: ProcessOptions = {}): Started {
  return startProcess([process.execPath, '--input-type', 'module', '--eval', script], {
    cwd: root,
    ...options,
  })
}
