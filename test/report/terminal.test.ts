import { afterEach, describe, expect, it, vi } from 'vitest'
import { canColor, canRedraw, columnsOf } from '../../src/report/terminal.ts'

const NAMES = ['TERM', 'NO_COLOR', 'NODE_DISABLE_COLORS', 'FORCE_COLOR', 'CI', 'TMUX', 'COLORTERM'] as const

function environment(variables: Partial<Record<(typeof NAMES)[number], string>>): void {
  for (const name of NAMES) vi.stubEnv(name, variables[name])
}

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('canColor', () => {
  it.each([
    [{ TERM: 'xterm' }, true, false],
    [{ TERM: 'dumb' }, false, false],
    [{ TERM: 'xterm', NO_COLOR: '1' }, false, false],
    [{ TERM: 'xterm', NODE_DISABLE_COLORS: '1' }, false, false],
    [{ TERM: 'dumb', FORCE_COLOR: '1' }, true, true],
    [{ TERM: 'xterm', FORCE_COLOR: '0' }, false, false],
  ])('of %j: on a terminal %s, elsewhere %s', (variables, onTerminal, elsewhere) => {
    environment(variables)
    expect(canColor({ isTTY: true })).toBe(onTerminal)
    expect(canColor({})).toBe(elsewhere)
  })
})

it('a line is drawn in its place on a terminal that is not dumb', () => {
  environment({ TERM: 'xterm' })
  expect([canRedraw({ isTTY: true }), canRedraw({ isTTY: false }), canRedraw({})]).toEqual([
    true,
    false,
    false,
  ])
  environment({ TERM: 'dumb' })
  expect(canRedraw({ isTTY: true })).toBe(false)
})

it('a terminal that does not tell its width has 80 columns', () => {
  expect([columnsOf({}), columnsOf({ columns: 0 }), columnsOf({ columns: 12 })]).toEqual([80, 80, 12])
})
