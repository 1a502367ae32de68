/**
 * Files that are whole or not there: written to a temporary file in the same folder, synced, then renamed.
 * Whatever happens on the way (a full disk, a kill), a file that stood there before stays as it was.
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

/** The names that `temporaryFor` gives. */
const TEMPORARY_NAME = /^\..+\.\d+\.[0-9a-f]{8}\.part$/

/**
 * Writes `content`, or its chunks one after the other, to `path`, making its folder where missing; a link leads to the
 * file that is written. Throws an error that names the path and the reason.
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
 * The same without waiting for the disk; the chunks must stay as they are until the promise is kept.
 * @param options `makesFolder`: whether a missing folder is made; true
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
 * Makes a folder and those above it, unless they exist. Throws an error that names the part of the path that is not a folder.
 * `mkdir` with `recursive` fails with different codes in different versions of Node, and may never return in /proc.
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
    // Another process may have made it meanwhile.
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw cause
  }
}

/** The file that a path leads to, also one that is not there yet; a device or a pipe cannot be replaced by a whole file. */
function destination(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) return path
  if (!found.isFile() && !found.isDirectory()) throw new Error('it is not a regular file')
  return realpathSync(path)
}

/** Removes the temporary files that killed processes left in a folder. Nobody may be writing there meanwhile. */
export function removeLeftovers(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (TEMPORARY_NAME.test(name)) removeIfThere(join(folder, name))
  }
}

/** A new name beside `path`; `removeLeftovers` removes what has it. */
export function temporaryFor(path: string): string {
  const name = `.${basename(path)}.${process.pid}.${randomBytes(4).toString('hex')}.part`
  return join(dirname(path), name)
}

/** The error that is on its way matters more than one from tidying up. */
function removeIfThere(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    return
  }
}

/** Makes the rename itself survive a power cut; some file systems do not let a folder be synced, which is no failure. */
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
