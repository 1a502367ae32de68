/** Where a text comes from: the path of a file, or `-` for standard input. */
import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'

export const STANDARD_INPUT = '-'

export function openText(path: string): Readable {
  return path === STANDARD_INPUT ? process.stdin : createReadStream(path)
}

/** As errors name it. */
export function nameOfText(path: string): string {
  return path === STANDARD_INPUT ? 'standard input' : path
}
