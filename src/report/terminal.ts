/** Capabilities of a terminal. */
import { WriteStream } from 'node:tty'

interface Terminal {
  isTTY?: boolean
  columns?: number
}

const DEFAULT_COLUMNS = 80

/** The width of a terminal; 80 if unknown, as for a pipe. */
export function columnsOf({ columns }: Terminal): number {
  return columns || DEFAULT_COLUMNS
}

/** Whether a line can be redrawn in place. */
export function canRedraw({ isTTY }: Terminal): boolean {
  return isTTY === true && process.env.TERM !== 'dumb'
}

/**
 * Whether to use colours, by the rules of Node: on terminals with colours, unless `NO_COLOR`, `NODE_DISABLE_COLORS` or
 * `TERM=dumb` is set. `FORCE_COLOR` overrides all of these, also for pipes and files.
 */
export function canColor({ isTTY }: Terminal): boolean {
  if (isTTY !== true && process.env.FORCE_COLOR === undefined) return false
  return WriteStream.prototype.getColorDepth(process.env) > 2
}
