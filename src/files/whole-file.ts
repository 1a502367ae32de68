/**
 * Writes files atomically: to a temporary file in the same folder, which is synced and then renamed. If anything fails
 * (a full disk, a kill), an existing file stays unchanged.
 */
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { open, rename, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileError } from './file-error.ts'

/** Matches the names that `temporaryFor` creates. */
const TEMPORARY_NAME = /^\..+\.\d+\.[0-9a-f]{8}\.part$/

/**
 * Writes `content`, or its chunks in order, to `path`. Creates missing folders and follows links.
 * @throws an error that names the path and the reason
 */
export function writeFileWhole(path: string, content: string | Uint8Array | Iterable<Uint8Array>): void {
  const chunks = typeof content === 'string' || content instanceof Uint8Array ? [content] : content
  let temporary: string | undefined
  try {
    makeFolder(dirname(path))
    const target = destination(path)
    temporary = temporaryFor(target)
    const file = openSync(temporary, 'wx')
    try {
      for (const chunk of chunks) writeFileSync(file, chunk)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, target)
    syncFolder(dirname(target))
  } catch (cause) {
    if (temporary !== undefined) removeIfThere(temporary)
    throw fileError('write', path, cause)
  }
}

/**
 * As `writeFileWhole`, without blocking. The chunks must not change until the promise resolves.
 * @param options `makesFolder`: whether to create a missing folder; true
 */
export async function writeFileWholeAsync(
  path: string,
  chunks: Iterable<Uint8Array>,
  { makesFolder = true }: { makesFolder?: boolean } = {},
): Promise<void> {
  let temporary: string | undefined
  try {
    if (makesFolder) makeFolder(dirname(path))
    const target = destination(path)
    temporary = temporaryFor(target)
    await writeFile(temporary, chunks, { flag: 'wx', flush: true })
    await rename(temporary, target)
    await syncFolderAsync(dirname(target))
  } catch (cause) {
    if (temporary !== undefined) removeIfThere(temporary)
    throw fileError('write', path, cause)
  }
}

/**
 * Creates a folder and its parents. `mkdir` with `recursive` is not used: its error codes differ between versions of
 * Node, and it may never return in /proc.
 * @throws an error that names the part of the path that is not a folder
 */
export function makeFolder(folder: string): void {
  const parent = dirname(folder)
  if (parent !== folder) makeFolder(parent)
  const found = statSync(folder, { throwIfNoEntry: false })
  if (found?.isDirectory()) return
  if (found) throw new Error(`${folder} is not a folder`)
  try {
    mkdirSync(folder)
  } catch (cause) {
    // Another process may have created it meanwhile.
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw cause
  }
}

/**
 * The file to which a path leads, even if it does not exist yet.
 * @throws an error for a device or a pipe, which cannot be replaced atomically
 */
function destination(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) return path
  if (!found.isFile() && !found.isDirectory()) throw new Error('it is not a regular file')
  return realpathSync(path)
}

/** Removes temporary files that killed processes left in a folder. No process may be writing there. */
export function removeLeftovers(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (TEMPORARY_NAME.test(name)) removeIfThere(join(folder, name))
  }
}

/** A new temporary name next to `path`, which `removeLeftovers` recognises. */
export function temporaryFor(path: string): string {
  const name = `.${basename(path)}.${process.pid}.${randomBytes(4).toString('hex')}.part`
  return join(dirname(path), name)
}

/** Ignores errors of cleaning up, so that they do not hide the original error. */
function removeIfThere(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    return
  }
}

/** Syncs the folder so that the rename survives a power cut. Not all file systems support this; errors are ignored. */
function syncFolder(folder: string): void {
  try {
    const descriptor = openSync(folder, 'r')
    try {
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return
  }
}

async function syncFolderAsync(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r')
    await handle.sync().finally(() => handle.close())
  } catch {
    return
  }
}
