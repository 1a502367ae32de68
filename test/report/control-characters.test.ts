import { expect, it } from 'vitest'
import { escapeControls, escapeControlsAndLines } from '../../src/report/control-characters.ts'
import { terminalChart } from '../../src/report/terminal-chart.ts'

const everyCharacter = Array.from({ length: 0x3000 }, (_, code) => String.fromCharCode(code))
const isControl = (code: number) =>
  code < 0x20 ||
  (code >= 0x7f && code < 0xa0) ||
  (code >= 0x202a && code <= 0x202e) ||
  (code >= 0x2066 && code <= 0x2069)

it('escapes control characters as JSON does, and nothing else', () => {
  for (const [code, character] of everyCharacter.entries()) {
    const escaped = `\\u${code.toString(16).padStart(4, '0')}`
    const stays = character === '\t' || character === '\n' || !isControl(code)
    expect(escapeControls(`a${character}b`)).toBe(`a${stays ? character : escaped}b`)
    expect(escapeControlsAndLines(character)).toBe(isControl(code) ? escaped : character)
  }
  expect(escapeControls('naïve 日本 👩‍👩‍👧 \u200f')).toBe('naïve 日本 👩‍👩‍👧 \u200f')
})

it('leaves JSON that says the same', () => {
  const word = 'a\u001b[31m\u007f\u009b\u202eb'
  expect(JSON.parse(escapeControls(JSON.stringify({ word })))).toEqual({ word })
})

it('escapes the names in a chart, and counts their width', () => {
  const chart = terminalChart([{ name: '\u001b[2J\nrun', x: [1, 2], y: [3, 4] }], { width: 40 })
  expect(chart).toContain('── \\u001b[2J\\u000arun')
  expect(chart).not.toContain('\u001b')
})
