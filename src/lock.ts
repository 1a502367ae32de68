/**
 * The lock of a folder in which only one job may work: the file `.lock`, which says which process holds it.
 *
 * A lock is only ever created where no file is, and each has an id of its own. The lock of a process that is gone
 * is not deleted, which two starters at once could do to each other's; instead `.lock.<its id>` is created, which only one
 * of them can do, and so on if that one is gone too. The last of this chain holds the folder. It then takes the
 * place of `.lock` by a rename. A starter that comes late with an id that it read before the rename may still create
 * its file, but no chain leads there any more: whoever has created a file follows the chain once more, and has won
 * only if it ends with himself.
 */
import { randomUUID } from 'node:crypto'
import {
  constants,
  copyFileSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileError } from './errors.ts'
import { makeFolder, removeLeftovers } from './files.ts'
import { identify, isRunning, type ProcessIdentity } from './processes.ts'

export interface FolderLock {
  /** Gives the folder free. A lock that a process does not release is taken over once the process is gone. */
  release(): void
}

interface Holder extends ProcessIdentity {
  id: string
  host: string
}

/**
 * Takes the folder for this process, making it where missing, and removes what killed writers left in it.
 * @throws an error that names the folder and the process that works there, or why it cannot be used
 */
export function lockFolder(folder: string): FolderLock {
  const path = join(folder, '.lock')
  const self: Holder = { id: randomUUID(), host: hostname(), ...identify(process.pid) }
  try {
    makeFolder(folder)
    take(path, self)
    removeLeftovers(folder)
  } catch (cause) {
    throw fileError('lock', folder, cause)
  }
  return { release: () => release(folder, path, self) }
}

function take(path: string, self: Holder): void {
  let created: string | undefined
  try {
    for (;;) {
      const { holder, place } = endOfChain(path)
      if (holder?.id === self.id) break
      if (holder) throw new Error(refusal(holder, place))
      if (created !== undefined) rmSync(created, { force: true })
      created = create(place, self) ? place : undefined
    }
    if (created !== path) renameSync(created!, path)
  } catch (cause) {
    if (created !== undefined) rmSync(created, { force: true })
    throw cause
  }
  removeLinks(path)
}

/** Who holds the folder, and the file that says so; without a holder, the file to create. */
function endOfChain(path: string, place = path): { holder?: Holder; place: string } {
  const holder = read(place)
  if (!holder) return { place }
  if (holder.host !== hostname() || isRunning(holder)) return { holder, place }
  return endOfChain(path, `${path}.${holder.id}`)
}

function refusal({ pid, host }: Holder, place: string): string {
  if (host === hostname()) return `process ${pid} works there, as ${place} says`
  return `process ${pid} of the machine ${host} works there; if that is no longer so, delete ${place}`
}

/**
 * False where there is such a file already. It appears with its content, by a link to a file that is written before, so
 * that a kill leaves no lock that names nobody; file systems without links get a copy.
 */
function create(place: string, self: Holder): boolean {
  const written = `${place}.${self.pid}.${self.id.slice(0, 8)}.part`
  try {
    writeFileSync(written, `${JSON.stringify(self)}\n`, { flush: true })
    try {
      linkSync(written, place)
    } catch (error) {
      if (!WITHOUT_LINKS.has(codeOf(error))) throw error
      copyFileSync(written, place, constants.COPYFILE_EXCL)
    }
    return true
  } catch (error) {
    // ENOENT: whoever has got the lock has removed what stood around it.
    if (codeOf(error) === 'EEXIST' || codeOf(error) === 'ENOENT') return false
    throw error
  } finally {
    rmSync(written, { force: true })
  }
}

const WITHOUT_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? ''
}

/** What the file says; undefined where there is none. */
function read(place: string): Holder | undefined {
  let holder: unknown
  try {
    holder = JSON.parse(readFileSync(place, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    if (!(error instanceof SyntaxError)) throw error
  }
  if (isHolder(holder)) return holder
  throw new Error(`${place} names no process; if no job is there, delete it`)
}

function isHolder(value: unknown): value is Holder {
  const { id, host, pid, started } = (value ?? {}) as Record<string, unknown>
  return (
    /^[0-9a-f-]{36}$/.test(String(id)) &&
    typeof host === 'string' &&
    Number.isInteger(pid) &&
    (pid as number) > 0 &&
    (started === null || typeof started === 'string')
  )
}

/** Once `.lock` names a running process, no chain leads to any other file. */
function removeLinks(path: string): void {
  for (const name of readdirSync(dirname(path))) {
    if (name.startsWith(`${basename(path)}.`)) rmSync(join(dirname(path), name), { force: true })
  }
}

function release(folder: string, path: string, self: Holder): void {
  try {
    if (read(path)?.id === self.id) rmSync(path, { force: true })
  } catch (cause) {
    throw fileError('unlock', folder, cause)
  }
}
