#!/usr/bin/env node
/** The command line: one file a command; results on standard output, everything else on standard error. */
import { runCommands } from './run.ts'

process.exitCode = await runCommands(process.argv)
