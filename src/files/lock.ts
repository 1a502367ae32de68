/**
 * The lock of a folder in which only one job may work: the file `.lock`, locked by the kernel (flock) while the job is
 * open. The kernel releases it when the process ends for any reason, so a killed job can be resumed at once, under any
 * host name. The content of the file identifies the process and is used only in error messages.
 *
 * On a file system without such locks, the file itself is the lock and expires unless its holder refreshes it (see
 * lease.ts). There, a killed job can be resumed after a minute, or at once with `takeOver`.
 */
import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readSync,
  realpathSync,
  rmSync,
  type Stats,
} from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { native } from '../native.ts'
import { fileError } from './file-error.ts'
import { jobFileFault } from './file-kind.ts'
import { hasExpired, keepLease, LEASE_SECONDS, type Lease, removeExpired } from './lease.ts'
import { makeFolder, removeLeftovers } from './whole-file.ts'

export interface FolderLock {
  /** A warning that the folder was taken from a live process; undefined otherwise. */
  readonly warning: string | undefined
  /** @throws an error if the folder is gone, or another process has taken it over */
  check(): void
  /** Releases the folder. This also happens when the process ends. */
  release(): void
}

export interface LockOptions {
  /** Take the folder from its holder, which must no longer be working there; false. */
  takeOver?: boolean
}

interface Holder {
  pid: number
  host: string
}

export const LOCK_NAME = '.lock'

/** Number of bytes to read of a lock file, which is a single short line. */
const MOST_BYTES = 1024

/** Maximum number of attempts. A retry is needed only if another process releases the lock between two system calls. */
const MOST_ATTEMPTS = 100

/**
 * Locks the folder for this process. Creates it if it is missing and removes temporary files of killed processes.
 * @throws an error that names the folder and the process that holds it, or the reason why it cannot be used
 */
export function lockFolder(folder: string, { takeOver = false }: LockOptions = {}): FolderLock {
  const path = join(folder, LOCK_NAME)
  try {
    makeFolder(folder)
    const warning = takeOver ? takeAway(folder, path) : undefined
    const { file, isLease } = lock(path)
    let lease: Lease | undefined
    let isReleased = false
    const release = () => {
      lease?.stop()
      if (!isReleased) unlock(folder, path, file)
      isReleased = true
    }
    try {
      ftruncateSync(file)
      const holder: Holder = { pid: process.pid, host: hostname() }
      lease = keepLease(file, `${JSON.stringify(holder)}\n`, isLease)
      removeLeftovers(folder)
    } catch (error) {
      release()
      throw error
    }
    const checkAndRefresh = () => {
      check(folder, path, file)
      if (!isReleased) lease?.refresh()
    }
    return { warning, check: checkAndRefresh, release }
  } catch (cause) {
    throw fileError('lock', folder, cause)
  }
}

/** Removes the lock regardless of its holder. Returns a warning if the holder is alive. */
function takeAway(folder: string, path: string): string | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false })
  const holder = found?.isFile() ? livingHolder(path) : undefined
  rmSync(path, { force: true })
  if (holder === undefined) return undefined
  return `${holder} still worked in ${folder}, which was taken over: it will stop with an error before it saves`
}

function livingHolder(path: string): string | undefined {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants
  const file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  try {
    return native.lockFile(file) === 'held' ? nameOfHolder(contentOf(file)) : undefined
  } finally {
    closeSync(file)
  }
}

/** The descriptor of the locked file, and whether the lock is a lease. */
function lock(path: string): { file: number; isLease: boolean } {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const { file, isNew } = open(path)
    try {
      refuseOtherKinds(path, fstatSync(file))
      const outcome = native.lockFile(file)
      const isLease = outcome === 'unsupported'
      const content = contentOf(file)
      if (outcome === 'held') throw new Error(`${nameOfHolder(content)} works there, as ${path} says`)
      const isCurrent = isAt(path, file)
      if (isCurrent && content !== '' && !holderIn(content))
        throw new Error(`${path} was not written by a job; if nothing needs it, delete it`)
      if (isLease && !isNew) {
        if (!hasExpired(path, file)) throw new Error(refusalOfLease(content))
        removeExpired(path, file)
      } else if (isCurrent) return { file, isLease }
    } catch (error) {
      closeSync(file)
      throw error
    }
    closeSync(file)
  }
  throw new Error(`${path} keeps changing: other processes work there`)
}

function open(path: string): { file: number; isNew: boolean } {
  const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants
  const flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK
  try {
    return { file: openSync(path, flags | O_EXCL), isNew: true }
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found) refuseOtherKinds(path, found)
  return { file: openSync(path, flags), isNew: false }
}

function refuseOtherKinds(path: string, found: Stats): void {
  const fault = jobFileFault(path, found)
  if (fault !== undefined) throw new Error(fault)
}

function contentOf(file: number): string {
  const bytes = Buffer.alloc(MOST_BYTES)
  return bytes.toString('utf8', 0, readSync(file, bytes, 0, MOST_BYTES, 0))
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}

function refusalOfLease(content: string): string {
  return (
    `${nameOfHolder(content)} works there, or was killed less than ${LEASE_SECONDS} seconds ago (this file system ` +
    'cannot tell): if it has ended, wait, or take over (--take-over, or takeOver: true)'
  )
}

function nameOfHolder(content: string): string {
  const holder = holderIn(content)
  if (!holder) return 'a process'
  return `process ${holder.pid}${holder.host === hostname() ? '' : ` of ${holder.host}`}`
}

function holderIn(content: string): Holder | undefined {
  try {
    const { pid, host } = JSON.parse(content) as Partial<Holder>
    return Number.isInteger(pid) && typeof host === 'string' ? { pid: pid!, host } : undefined
  } catch {
    return undefined
  }
}

/**
 * Whether the open file is still the one at the path. Its previous holder may have removed it before it was locked
 * here.
 */
function isAt(path: string, file: number): boolean {
  const found: BigIntStats | undefined = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  const own = fstatSync(file, { bigint: true })
  return found !== undefined && found.ino === own.ino && found.dev === own.dev
}

function check(folder: string, path: string, file: number): void {
  if (isAt(path, file) && isReachable(folder)) return
  throw fileError('use', folder, new Error('the folder is gone, or another process has taken it over'))
}

/**
 * Whether the folder is still reachable. After a disk is unmounted, a process working there can still use relative
 * paths that no other process can see.
 */
function isReachable(folder: string): boolean {
  try {
    realpathSync.native(folder)
    return true
  } catch (error) {
    return codeOf(error) !== 'ENOENT' // other errors mean that the path is unknown, not missing
  }
}

/** Removes the file before unlocking it, so that no process can lock a removed file. */
function unlock(folder: string, path: string, file: number): void {
  try {
    if (isAt(path, file)) rmSync(path, { force: true })
  } catch (cause) {
    throw fileError('unlock', folder, cause)
  } finally {
    closeSync(file)
  }
}
