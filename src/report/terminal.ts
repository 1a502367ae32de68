/** What a terminal can show. */
import { WriteStream } from 'node:tty'

interface Terminal {
  isTTY?: boolean
  columns?: number
}

const DEFAULT_COLUMNS = 80

/** The width of a terminal; 80 if it is unknown, as it is for a pipe. */
export function columnsOf({ columns }: Terminal): number {
  return columns || DEFAULT_COLUMNS
}

/** Whether a line can be drawn again in its place. */
export function canRedraw({ isTTY }: Terminal): boolean {
  return isTTY === true && process.env.TERM !== 'dumb'
}

/**
 * Whether text may be coloured, by the rules of Node: terminals that have colours, unless `NO_COLOR`,
 * `NODE_DISABLE_COLORS` or `TERM=dumb` says otherwise. `FORCE_COLOR` comes before all of them, for pipes and files too.
 */
export function canColor({ isTTY }: Terminal): boolean {
  if (isTTY !== true && process.env.FORCE_COLOR === undefined) return false
  return WriteStream.prototype.getColorDepth(process.env) > 2
}
