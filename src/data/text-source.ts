/** Where a text comes from: the path of a file, or `-` for standard input. */
import { createReadStream, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'

export const STANDARD_INPUT = '-'

export function openText(path: string): Readable {
  return path === STANDARD_INPUT ? process.stdin : createReadStream(path)
}

/** Files of these paths belong to one process: `<(command)` of a shell is one of them. */
const OF_A_PROCESS = /^\/(dev\/(fd\/|stdin$)|proc\/)/

/** Whether a text can be read there again later: not from standard input, a pipe or a device. */
export function canBeReadAgain(path: string): boolean {
  if (path === STANDARD_INPUT || OF_A_PROCESS.test(resolve(path))) return false
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? true
  } catch {
    return true // reading it fails with the reason
  }
}

/** As errors name it. */
export function nameOfText(path: string): string {
  return path === STANDARD_INPUT ? 'standard input' : path
}
