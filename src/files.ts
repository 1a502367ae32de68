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
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { mkdir, open, rename, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileError } from './errors.ts'

/** What `temporaryName` gives. */
const TEMPORARY_NAME = /^\..+\.\d+\.[0-9a-f]{8}\.part$/

/**
 * Writes `content`, or its chunks one after the other, to `path`, making its folder where missing.
 * Throws an error that names the path and the reason.
 */
export function writeFileWhole(path: string, content: string | Uint8Array | Iterable<Uint8Array>): void {
  const folder = dirname(path)
  const temporary = join(folder, temporaryName(path))
  const chunks = typeof content === 'string' || content instanceof Uint8Array ? [content] : content
  try {
    mkdirSync(folder, { recursive: true })
    const file = openSync(temporary, 'wx')
    try {
      for (const chunk of chunks) writeFileSync(file, chunk)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
    syncFolder(folder)
  } catch (cause) {
    removeIfThere(temporary)
    throw fileError('write', path, cause)
  }
}

/** The same while JavaScript goes on; the chunks must stay as they are until the promise is kept. */
export async function writeFileWholeAsync(path: string, chunks: Iterable<Uint8Array>): Promise<void> {
  const folder = dirname(path)
  const temporary = join(folder, temporaryName(path))
  try {
    await mkdir(folder, { recursive: true })
    await writeFile(temporary, chunks, { flag: 'wx', flush: true })
    await rename(temporary, path)
    await syncFolderAsync(folder)
  } catch (cause) {
    removeIfThere(temporary)
    throw fileError('write', path, cause)
  }
}

/** Removes the temporary files that killed processes left in a folder. Nobody may be writing there meanwhile. */
export function removeLeftovers(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (TEMPORARY_NAME.test(name)) removeIfThere(join(folder, name))
  }
}

function temporaryName(path: string): string {
  return `.${basename(path)}.${process.pid}.${randomBytes(4).toString('hex')}.part`
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
