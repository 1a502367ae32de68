/**
 * The lock of a folder on a file system without kernel locks: a file that its holder rewrites every ten seconds. If it
 * has not been written for a minute, its holder was killed. All times are those of the file system, since clocks of
 * machines differ.
 */
import { closeSync, fstatSync, fsyncSync, lstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { temporaryFor } from './whole-file.ts'

export const LEASE_SECONDS = 60
const REFRESH_SECONDS = 10

export interface Lease {
  /** Rewrites the file. If that fails, the lease expires. */
  refresh(): void
  stop(): void
}

/**
 * Writes the open file of a lock now and every ten seconds.
 * @param isSynced whether the time must reach the file system immediately, because other processes rely on it
 * @throws the error of the first write
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

/** The time of the file system in milliseconds, taken from a file created now. */
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
 * Removes an expired lock that is open as `file`. If another process has meanwhile replaced it with its own lock, that
 * one is restored.
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
