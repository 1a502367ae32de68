#!/usr/bin/env node
/** The command line: one file a command; results on standard output, everything else on standard error. */

import { complain } from './output.ts'

try {
  const { runCommands } = await import('./run.ts')
  process.exitCode = await runCommands(process.argv)
} catch (error) {
  // The addon could not be loaded, or RNNLM_ISA or RNNLM_THREADS asks for what is not there.
  complain((error as Error).message)
  process.exitCode = 1
}
