/**
 * The lock of a folder on a file system without locks of the kernel: a file that its holder writes again every ten
 * seconds. One that nobody has written for a minute is that of a process which was killed. All times are those of the
 * file system, since the clocks of two machines differ.
 */
import { closeSync, fstatSync, fsyncSync, lstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { temporaryFor } from './whole-file.ts'

export const LEASE_SECONDS = 60
const REFRESH_SECONDS = 10

export interface Lease {
  /** Writes the file again. Does nothing where that fails: then the lease expires. */
  refresh(): void
  stop(): void
}

/**
 * Writes the open file of a lock, now and every ten seconds.
 * @param isSynced whether others go by its time: it must then reach the file system at once
 * @throws what the first writing fails with
 */
export function keepLease(file: number, content: string, isSynced: boolean): Lease {
  const write = () => {
    writeSync(file, content, 0)
    if (isSynced) fsyncSync(file)
  }
  const refresh = () => {
    try {
      write()
    } catch {
      return
    }
  }
  write()
  const timer = setInterval(refresh, 1000 * REFRESH_SECONDS).unref()
  return { refresh, stop: () => clearInterval(timer) }
}

/** Whether the open file at `path` was last written more than a minute ago. */
export function hasExpired(path: string, file: number): boolean {
  return timeAt(path) - fstatSync(file).mtimeMs > 1000 * LEASE_SECONDS
}

/** The time of the file system, in milliseconds: that of a file which is made there now. */
function timeAt(path: string): number {
  const temporary = temporaryFor(path)
  const file = openSync(temporary, 'wx')
  try {
    return fstatSync(file).mtimeMs
  } finally {
    closeSync(file)
    rmSync(temporary, { force: true })
  }
}

/**
 * Removes an expired lock, which is open as `file`. If another process has removed it before and put its own lock there,
 * that one goes back to its place.
 */
export function removeExpired(path: string, file: number): void {
  const aside = temporaryFor(path)
  try {
    renameSync(path, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  const isTheExpired = lstatSync(aside, { bigint: true }).ino === fstatSync(file, { bigint: true }).ino
  if (!isTheExpired && !lstatSync(path, { throwIfNoEntry: false })) renameSync(aside, path)
  else rmSync(aside, { force: true })
}
