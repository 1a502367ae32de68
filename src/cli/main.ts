#!/usr/bin/env node
/** The command line. Each command has its own file. Results go to standard output, everything else to standard error. */

import { complain } from './output.ts'

try {
  const { runCommands } = await import('./run.ts')
  process.exitCode = await runCommands(process.argv)
} catch (error) {
  // The addon could not be loaded, or RNNLM_ISA or RNNLM_THREADS has an unsupported value.
  complain((error as Error).message)
  process.exitCode = 1
}
