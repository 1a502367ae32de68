/** Detects paths that are not regular files: opening one may block forever or write to a device. */
import type { Stats } from 'node:fs'

/** The type of the file in words; undefined for a regular file. */
export function otherKind(found: Stats): string | undefined {
  if (found.isFile()) return undefined
  if (found.isSymbolicLink()) return 'a link'
  if (found.isDirectory()) return 'a folder'
  if (found.isFIFO()) return 'a named pipe'
  if (found.isSocket()) return 'a socket'
  return 'a device'
}

/** Why a job rejects this path, and what to do about it; undefined for a regular file. */
export function jobFileFault(path: string, found: Stats): string | undefined {
  const kind = otherKind(found)
  if (kind === undefined) return undefined
  const why = found.isSymbolicLink() ? 'which a job does not follow' : 'not a regular file'
  return `${path} is ${kind}, ${why}; delete it`
}
