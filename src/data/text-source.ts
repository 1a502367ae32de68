/** The source of a text: the path of a file, or `-` for standard input. */
import { createReadStream, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'

export const STANDARD_INPUT = '-'

export function openText(path: string): Readable {
  return path === STANDARD_INPUT ? process.stdin : createReadStream(path)
}

/** Paths that belong to a single process, such as those of `<(command)` in a shell. */
const OF_A_PROCESS = /^\/(dev\/(fd\/|stdin$)|proc\/)/

/** Whether a text can be read again later: false for standard input, pipes and devices. */
export function canBeReadAgain(path: string): boolean {
  if (path === STANDARD_INPUT || OF_A_PROCESS.test(resolve(path))) return false
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? true
  } catch {
    return true // reading it fails with the reason
  }
}

/** The name of a text in error messages. */
export function nameOfText(path: string): string {
  return path === STANDARD_INPUT ? 'standard input' : path
}
