import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseJson } from '../../src/files/json.ts'

it.each([
  ['', 'line 1, column 1: expected a JSON object, got nothing'],
  [' \n', 'line 2, column 1: expected a JSON object, got nothing'],
  ['{"a": 1,}', 'line 1, column 8: a comma before "}"'],
  ['{\n  "a": [1, 2,\n  ]\n}', 'line 2, column 13: a comma before "]"'],
  ['{"a": 1', 'line 1, column 8: expected "}", got the end of the file'],
  ['{"a"', 'line 1, column 5: expected ":", got the end of the file'],
  ['{"a" 1}', 'line 1, column 6: expected ":", got "1"'],
  ['{"a": }', 'line 1, column 7: expected a value, got "}"'],
  ['{"a": 1\n "b": 2}', 'line 2, column 2: expected "," or "}", got "\\""'],
  ["{'a': 1}", 'line 1, column 2: expected a name in double quotes, got "\'"'],
  ['{a: 1}', 'line 1, column 2: expected a name in double quotes, got "a"'],
  ['{"a": 1 // one\n}', 'line 1, column 9: expected "," or "}", got "/" (JSON has no comments)'],
  ['{"a": 01}', 'line 1, column 7: expected a value, got "0"'],
  ['{"a": NaN}', 'line 1, column 7: expected a value, got "N"'],
  ['{"a": "b\nc"}', 'line 1, column 7: expected a value, got "\\""'],
  ['{} {}', 'line 1, column 4: expected the end of the file, got "{"'],
  [']', 'line 1, column 1: expected a value, got "]"'],
  ['[1, {"a": []},, 2]', 'line 1, column 15: expected a value, got ","'],
])('%j: %s', (text, message) => {
  expect(() => parseJson(text)).toThrow(new SyntaxError(message))
})

it('says where any text that was JSON is broken, within the text', () => {
  const broken = fc.tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '}', ']', '"', 'x', '1'))
  fc.assert(
    fc.property(broken, ([json, at, piece]) => {
      const place = at % (json.length + 1)
      const text = json.slice(0, place) + piece + json.slice(place + 1)
      try {
        JSON.parse(text)
      } catch {
        expect(() => parseJson(text)).toThrow(/^line 1, column \d+: (expected .+, got .+|a comma before)/)
        return
      }
      expect(parseJson(text)).toEqual(JSON.parse(text))
    }),
    { seed: 1, numRuns: 500 },
  )
})
