/** Things at a path that are not regular files: opening one may wait forever, or write where nobody expects it. */
import type { Stats } from 'node:fs'

/** What it is, in words; undefined for a regular file. */
export function otherKind(found: Stats): string | undefined {
  if (found.isFile()) return undefined
  if (found.isSymbolicLink()) return 'a link'
  if (found.isDirectory()) return 'a folder'
  if (found.isFIFO()) return 'a named pipe'
  if (found.isSocket()) return 'a socket'
  return 'a device'
}

/** Why a job does not use what is at this path, and what to do; undefined for a regular file. */
export function jobFileFault(path: string, found: Stats): string | undefined {
  const kind = otherKind(found)
  if (kind === undefined) return undefined
  const why = found.isSymbolicLink() ? 'which a job does not follow' : 'not a regular file'
  return `${path} is ${kind}, ${why}; delete it`
}
