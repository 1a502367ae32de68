/** Rules that hold for the options of every command. */
import type { Command, Option } from 'commander'
import { expect, it } from 'vitest'
import { program, withRules } from '../../src/cli/run.ts'
import { rnnlm, temporaryFolder } from '../support/command-line.ts'

/** One of these is a value of each option. */
const VALUES = ['2', '0.5', 'a.svg', '1,2', 'text', 'word', 'lstm', 'sgd', 'cosine', 'high', 'rnn,lstm']

const OPTIONS = program().commands.flatMap((command) =>
  command.options.map((option): [flags: string, command: string, option: Option] => [
    `${command.name()} ${option.long}`,
    command.name(),
    option,
  ]),
)

/** What the command line is refused with. No action is run. */
async function refusal(args: readonly string[]): Promise<string> {
  const root = withRules(program())
  let message = ''
  for (const command of root.commands as Command[]) {
    command.action(() => {})
    command.configureOutput({ writeErr: (text) => (message += text) })
  }
  await root.parseAsync(args, { from: 'user' }).catch(() => {})
  return message
}

it.each(OPTIONS)('%s given twice is refused', async (_, command, option) => {
  const values = option.argChoices ?? VALUES
  const attempts = values.map((value) => (option.required ? [option.long!, value] : [option.long!]))
  const messages = await Promise.all(attempts.map((args) => refusal([command, 'a', ...args, ...args])))
  expect(messages.join()).toContain(`error: option '${option.flags}' is given twice`)
})

it('an option and its opposite are refused', async () => {
  expect(await refusal(['train', '--no-plot', '--plot', 'a.svg'])).toContain(
    'error: --no-plot and --plot cannot be used together',
  )
  expect(await refusal(['train', '--tie-weights', '--no-tie-weights'])).toContain(
    'error: --tie-weights and --no-tie-weights cannot be used together',
  )
})

it('exits with 2', async () => {
  const { code, stderr } = await rnnlm(['train', '--data', 'a.txt', '--data', 'b.txt'], temporaryFolder())
  expect(stderr).toContain("error: option '--data <source>' is given twice")
  expect(code).toBe(2)
})
