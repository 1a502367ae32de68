/** The options of `rnnlm train`, one for each setting of a training job. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { PRESETS, resolveSettings } from '../jobs/presets.ts'
import {
  type GivenSettings,
  type OpenSettings,
  SETTING_NAMES,
  SETTINGS,
  type SettingName,
} from '../jobs/settings.ts'
import { CELL_NAMES } from '../models/index.ts'
import { alignedColumns } from '../report/table.ts'
import type { Kind } from '../setting-kinds.ts'

export function addSettingOptions(command: Command): Command {
  for (const name of SETTING_NAMES) {
    const setting: Kind<unknown> & { help: string } = SETTINGS[name]
    const { placeholder, help } = setting
    const option = new Option(
      placeholder === undefined ? flagOf(name) : `${flagOf(name)} <${placeholder}>`,
      help,
    )
    if (placeholder !== undefined) command.addOption(option.argParser(parserOf(name, setting)))
    else
      command
        .addOption(option)
        .addOption(new Option(negated(flagOf(name)), `turn off ${flagOf(name)} set by a preset`))
  }
  return command
}

/** A table of the settings of all presets and of the defaults of each cell. */
export function describeDefaults(): string {
  const rows = [
    ['  ', 'data', 'cell', 'D = H', 'dropout', 'N×T', 'optimizer', 'clip', 'epochs'],
    ...CELL_NAMES.map((cell) => describeSettings(`--cell ${cell}`, resolveSettings({ cell }))),
    ...Object.keys(PRESETS).map((name) => describeSettings(name, resolveSettings({}, name))),
  ]
  return alignedColumns(rows)
}

/** Shown for a setting that depends on the text. */
const OPEN = '*'

function describeSettings(name: string, settings: OpenSettings): string[] {
  const { data, cell, layers, optimizer } = settings
  const {
    hiddenSize = OPEN,
    dropout = OPEN,
    batchSize = OPEN,
    timeSize = OPEN,
    lr = OPEN,
    maxEpoch = OPEN,
  } = settings
  return [
    `  ${name}`,
    name === 'text' ? 'a file' : data,
    cell,
    layers === 1 ? `${hiddenSize}` : `${layers}×${hiddenSize}`,
    `${dropout}`,
    `${batchSize}×${timeSize}`,
    `${optimizer} ${lr}`,
    `${settings.maxGrad ?? 'none'}`,
    `${maxEpoch}`,
  ]
}

/** The settings given on the command line. */
export function givenSettings(options: Record<string, unknown>): GivenSettings {
  const given = SETTING_NAMES.filter((name) => options[name] !== undefined)
  return Object.fromEntries(given.map((name) => [name, options[name]]))
}

/** `batchSize` → `--batch-size` */
export function flagOf(name: SettingName): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/** `--tie-weights` → `--no-tie-weights` */
function negated(flag: string): string {
  return flag.replace(/^--/, '--no-')
}

function parserOf(name: string, { isNumber, check }: Kind<unknown>): (text: string) => unknown {
  return (text) => {
    const number = Number(text)
    const value = isNumber && text.trim() !== '' && !Number.isNaN(number) ? number : text
    try {
      return check('settings', name, value) ?? text // commander ignores a value of null
    } catch (error) {
      const expectation = (error as Error).message.replace(/^.*?: .*?: e/, 'E')
      throw new InvalidArgumentError(`${expectation}.`)
    }
  }
}
