/** The options of `rnnlm train`: one for each setting of a training job. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import {
  type GivenSettings,
  type Kind,
  SETTING_NAMES,
  SETTINGS,
  type SettingName,
} from '../train/settings.ts'

export function addSettingOptions(command: Command): Command {
  for (const name of SETTING_NAMES) {
    const setting: Kind<unknown> & { help: string } = SETTINGS[name]
    const { placeholder, help } = setting
    const option = new Option(
      placeholder === undefined ? flagOf(name) : `${flagOf(name)} <${placeholder}>`,
      help,
    )
    command.addOption(placeholder === undefined ? option : option.argParser(parserOf(name, setting)))
  }
  return command
}

/** Those of the settings that were given on the command line. */
export function givenSettings(options: Record<string, unknown>): GivenSettings {
  const given = SETTING_NAMES.filter((name) => options[name] !== undefined)
  return Object.fromEntries(given.map((name) => [name, options[name]]))
}

/** `batchSize` → `--batch-size` */
export function flagOf(name: SettingName): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

function parserOf(name: string, { isNumber, check }: Kind<unknown>): (text: string) => unknown {
  return (text) => {
    const number = Number(text)
    const value = isNumber && text.trim() !== '' && !Number.isNaN(number) ? number : text
    try {
      return check(name, value)
    } catch (error) {
      const expectation = (error as Error).message.replace(/^.*?: .*?: e/, 'E')
      throw new InvalidArgumentError(`${expectation}.`)
    }
  }
}
