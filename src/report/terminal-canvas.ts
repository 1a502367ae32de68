/** A grid of characters to draw curves on. */

/** A pen: its characters and, if colours are enabled, its colour. */
export interface Pen {
  /** Six characters: horizontal, vertical, and the corners as in `╭ ╮ ╰ ╯`. */
  stroke: string
  /** The number of an ANSI foreground colour. */
  color: number
}

interface Cell {
  character: string
  pen?: Pen
}

const LONE_POINT = '●'
const BLANK: Cell = { character: ' ' }

export class TerminalCanvas {
  readonly #cells: Cell[][]

  constructor(columns: number, rows: number) {
    this.#cells = Array.from({ length: rows }, () => new Array<Cell>(columns).fill(BLANK))
  }

  /** Draws a horizontal line over the full width at `row`, counted from the top. */
  drawLevel(row: number, pen: Pen): void {
    this.#cells[row]!.fill({ character: pen.stroke[0]!, pen })
  }

  /** Draws a curve with one row per column; `undefined` leaves a gap, and an isolated point is a dot. */
  drawCurve(rows: readonly (number | undefined)[], pen: Pen): void {
    const [level, upright, topLeft, topRight, bottomLeft, bottomRight] = pen.stroke
    rows.forEach((row, column) => {
      if (row === undefined) return
      const put = (at: number, character: string) => {
        this.#cells[at]![column] = { character, pen }
      }
      const next = rows[column + 1]
      if (next === undefined) {
        put(row, rows[column - 1] === undefined ? LONE_POINT : level!)
      } else if (next === row) {
        put(row, level!)
      } else {
        for (let at = Math.min(row, next) + 1; at < Math.max(row, next); at += 1) put(at, upright!)
        put(row, next > row ? topRight! : bottomRight!)
        put(next, next > row ? bottomLeft! : topLeft!)
      }
    })
  }

  /** The rows from top to bottom, with ANSI colours if `color` is true. */
  toLines(color: boolean): string[] {
    return this.#cells.map((row) => {
      let line = ''
      for (let start = 0, end = 0; start < row.length; start = end) {
        const pen = row[start]!.pen
        let text = ''
        while (end < row.length && row[end]!.pen === pen) text += row[end++]!.character
        line += pen ? paint(text, pen, color) : text
      }
      return line.trimEnd()
    })
  }
}

/** The text in the colour of the pen if `color` is true, otherwise unchanged. */
export function paint(text: string, pen: Pen, color: boolean): string {
  return color ? `\u001b[${pen.color}m${text}\u001b[39m` : text
}
