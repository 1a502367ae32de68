/** Commands that run one after the other in one process, which all tests of a file share: most of a short command is its start. */
import type { Outcome, Started } from './processes.ts'
import { startScript } from './scripts.ts'

const SERVER = `
  import { createInterface } from 'node:readline'
  import { runCommands } from './dist/cli/run.js'
  const answer = process.stdout.write.bind(process.stdout)
  for await (const line of createInterface({ input: process.stdin })) {
    const { args, cwd } = JSON.parse(line)
    process.chdir(cwd)
    const outcome = { stdout: '', stderr: '' }
    for (const stream of ['stdout', 'stderr']) {
      process[stream].setMaxListeners(0)
      process[stream].write = (text) => Boolean((outcome[stream] += text))
    }
    outcome.code = await runCommands(['node', 'rnnlm', ...args])
    answer(JSON.stringify(outcome) + '\\n')
  }
`

let server: Started | undefined
let answers = 0

/** For commands that neither read standard input nor depend on the environment or on signals. */
export async function rnnlmInSharedProcess(args: readonly string[], cwd: string): Promise<Outcome> {
  server ??= startScript(SERVER)
  const lines = new RegExp(`^(?:.*\\n){${answers}}(.*)\\n`)
  answers++
  server.child.stdin.write(`${JSON.stringify({ args, cwd })}\n`)
  return JSON.parse(lines.exec(await server.prints('stdout', lines))![1]!)
}
