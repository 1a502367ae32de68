/** Parses JSON with errors that always contain line and column, which those of `JSON.parse` may lack. */

const SPACE = /[ \t\r\n]*/y
const STRING = /"(?:[^"\\\p{Cc}]|[\x7f-\x9f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y

type Expected = 'a value' | 'a name in double quotes' | '":"' | '","'

/** @throws {SyntaxError} `line 3, column 5: a comma before "}"` */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const { place, problem } = findFault(text)
    const lines = text.slice(0, place).split('\n')
    throw new SyntaxError(`line ${lines.length}, column ${lines.at(-1)!.length + 1}: ${problem}`, { cause })
  }
}

/** The position and description of the first syntax error. */
function findFault(text: string): { place: number; problem: string } {
  const open: ('{' | '[')[] = []
  let expected: Expected = 'a value'
  let comma: number | undefined
  let isOpened = false
  let place = 0
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = place
    const found = pattern.exec(text)
    if (found) place += found[0].length
    return found !== null
  }
  for (;;) {
    skip(SPACE)
    const character = text[place]
    const closer = open.at(-1) === '{' ? '}' : ']'
    const wasOpened = isOpened
    isOpened = false
    if (open.length > 0 && character === closer && (expected === '","' || wasOpened)) {
      open.pop()
      place++
      expected = '","'
    } else if (expected === '","' && open.length > 0 && character === ',') {
      comma = place++
      expected = open.at(-1) === '{' ? 'a name in double quotes' : 'a value'
      continue
    } else if (expected === '":"' && character === ':') {
      place++
      expected = 'a value'
    } else if (expected === 'a name in double quotes' && skip(STRING)) {
      expected = '":"'
    } else if (expected === 'a value' && (character === '{' || character === '[')) {
      open.push(character)
      isOpened = true
      place++
      expected = character === '{' ? 'a name in double quotes' : 'a value'
    } else if (expected === 'a value' && (skip(STRING) || skip(SCALAR))) {
      expected = '","'
    } else {
      if (comma !== undefined && character === closer)
        return { place: comma, problem: `a comma before "${closer}"` }
      return { place, problem: problemAt(text, place, expected, open.length > 0 ? closer : undefined) }
    }
    comma = undefined
  }
}

function problemAt(text: string, place: number, expected: Expected, closer: string | undefined): string {
  const rest = text.slice(place)
  if (rest === '') {
    if (place === 0 || text.trim() === '') return 'expected a JSON object, got nothing'
    return `expected ${expected === '","' ? `"${closer}"` : expected}, got the end of the file`
  }
  const wanted = closer === undefined && expected === '","' ? 'the end of the file' : expected
  const hint =
    rest.startsWith('//') || rest.startsWith('/*') || rest.startsWith('#') ? ' (JSON has no comments)' : ''
  return `expected ${wanted === '","' ? `"," or "${closer}"` : wanted}, got ${JSON.stringify(rest[0])}${hint}`
}
