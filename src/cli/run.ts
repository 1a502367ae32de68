/**
 * Parses the command line and runs the command. Exit codes: 0 success, 1 failure (explained in one sentence), 2 wrong
 * usage, 130 stopped by SIGINT, 143 stopped by SIGTERM.
 */
import { Command, CommanderError } from 'commander'
import { compareCommand } from './compare.ts'
import { evalCommand } from './eval.ts'
import { generateCommand } from './generate.ts'
import { infoCommand } from './info.ts'
import { Interrupted } from './interrupt.ts'
import { commanderOutput, complain, endInterruptedLine, watchOutput } from './output.ts'
import { plotCommand } from './plot.ts'
import { rankCommand } from './rank.ts'
import { scoreCommand } from './score.ts'
import { trainCommand } from './train.ts'
import { packageVersion } from './version.ts'

const FAILURE = 1
const WRONG_USAGE = 2

export function program(): Command {
  return new Command('rnnlm')
    .description('Recurrent language models, trained in Node at native speed.')
    .version(packageVersion())
    .addCommand(trainCommand())
    .addCommand(evalCommand())
    .addCommand(scoreCommand())
    .addCommand(rankCommand())
    .addCommand(generateCommand())
    .addCommand(compareCommand())
    .addCommand(plotCommand())
    .addCommand(infoCommand())
}

/** Rules for all commands. By default, commander exits the process itself and accepts repeated options. */
export function withRules(command: Command): Command {
  for (const child of command.commands) withRules(child as Command)
  refuseRepetition(command)
  return command
    .configureOutput(commanderOutput)
    .exitOverride()
    .showHelpAfterError('(use --help to list all options)')
}

/** Rejects an option that is given twice or together with its opposite (--plot, --no-plot). */
function refuseRepetition(command: Command): void {
  const given = new Map<string, string>()
  for (const option of command.options) {
    const name = option.attributeName()
    command.on(`option:${option.name()}`, () => {
      const before = given.get(name)
      if (before === option.long) command.error(`error: option '${option.flags}' is given twice`)
      if (before !== undefined) command.error(`error: ${before} and ${option.long} cannot be used together`)
      given.set(name, option.long!)
    })
  }
}

/** @returns the exit code */
export async function runCommands(argv: readonly string[]): Promise<number> {
  watchOutput()
  try {
    await withRules(program()).parseAsync(argv)
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : WRONG_USAGE
    if (error instanceof Interrupted) endInterruptedLine()
    complain(error instanceof Error ? error.message : String(error))
    return error instanceof Interrupted ? error.exitCode : FAILURE
  }
}
