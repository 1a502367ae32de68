#!/usr/bin/env node
/** The command line: one file a command; results on standard output, everything else on standard error. */

try {
  const { runCommands } = await import('./run.ts')
  process.exitCode = await runCommands(process.argv)
} catch (error) {
  // The addon could not be loaded, or RNNLM_ISA or RNNLM_THREADS asks for what is not there.
  process.stderr.write(`rnnlm: ${(error as Error).message}\n`)
  process.exitCode = 1
}
