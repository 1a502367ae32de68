/** The kinds of settings: how each is checked, and how the command line reads and shows it. */
import { checkChoice, checkFlag, checkInteger, checkNumber } from './checks.ts'
import { rangeError, typeError } from './errors.ts'

export interface Kind<Value> {
  /** Name of the value in `--help`; undefined for flags. */
  placeholder?: string
  isNumber?: boolean
  /** Returns the value if it is allowed; throws otherwise. */
  check: (operation: string, argument: string, value: unknown) => Value
}

/** A setting: its kind, its help text and, if it has one, its default. */
export function setting<
  Value,
  const Traits extends { default?: Value; [trait: string]: unknown } = Record<never, never>,
>(kind: Kind<Value>, help: string, traits?: Traits): Kind<Value> & { help: string } & Traits {
  return { ...kind, help, ...(traits as Traits) }
}

export const text = (placeholder: string): Kind<string> => ({
  placeholder,
  check: (operation, argument, value) => {
    if (typeof value !== 'string' || value === '')
      throw typeError(operation, argument, 'a non-empty string', value)
    return value
  },
})

export const integer = (placeholder: string, minimum = 1): Kind<number> => ({
  placeholder,
  isNumber: true,
  check: (operation, argument, value) => checkInteger(operation, argument, value, minimum),
})

export const amount = (placeholder: string, minimum = 0, maximum = Infinity): Kind<number> => ({
  placeholder,
  isNumber: true,
  check: (operation, argument, value) => checkNumber(operation, argument, value, minimum, maximum),
})

/** A positive number; null, or "none" on the command line, for no limit. */
export const limit = (placeholder: string): Kind<number | null> => ({
  placeholder,
  isNumber: true,
  check: (operation, argument, value) => {
    if (value === null || value === 'none') return null
    const expected = 'a number above 0, or none'
    if (typeof value !== 'number') throw typeError(operation, argument, expected, value)
    if (!(value > 0 && value < Infinity)) throw rangeError(operation, argument, expected, value)
    return value
  },
})

export const flag: Kind<boolean> = { check: checkFlag }

export const oneOf = <Choice extends string>(
  placeholder: string,
  choices: readonly Choice[],
): Kind<Choice> => ({
  placeholder,
  check: (operation, argument, value) => checkChoice(operation, argument, value, choices),
})
