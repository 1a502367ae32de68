/**
 * The folder of a training job. One process at a time works in it; every file is whole or not there.
 *
 *     config.json           the settings, resolved
 *     last.safetensors      where the run stands
 *     best.safetensors      the weights after the epoch with the lowest validation perplexity
 *     log.jsonl             the course of training
 *     perplexity.svg        its picture
 *     texts.safetensors     the texts as token ids, if they cannot be read again (a pipe, standard input)
 */
import { existsSync, lstatSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { STANDARD_INPUT } from '../data/text-source.ts'
import { decodeBytes } from '../files/encodings.ts'
import { fileError } from '../files/file-error.ts'
import { jobFileFault } from '../files/file-kind.ts'
import { parseJson } from '../files/json.ts'
import { type FolderLock, LOCK_NAME, type LockOptions, lockFolder } from '../files/lock.ts'
import { writeFileWhole } from '../files/whole-file.ts'
import { resolveSettings } from './presets.ts'
import { checkSettings, type JobSettings, type ResumeSettings } from './settings.ts'

const CONFIG = 'config.json'
const LAST = 'last.safetensors'
const BEST = 'best.safetensors'
const LOG = 'log.jsonl'
const PICTURE = 'perplexity.svg'
const TEXTS = 'texts.safetensors'
const FILES = [CONFIG, LAST, BEST, LOG, PICTURE, TEXTS, LOCK_NAME]

export class JobFolder {
  readonly path: string
  readonly settings: JobSettings
  readonly #lock: FolderLock

  private constructor(path: string, settings: JobSettings, lock: FolderLock) {
    this.path = path
    this.settings = settings
    this.#lock = lock
  }

  /**
   * Makes the folder of a new job, which begins with `keepSettings`. A folder that has a job already, or files of one, is
   * refused.
   */
  static create(path: string, given: JobSettings): JobFolder {
    const settings = withAbsolutePaths(given)
    const lock = lockFolder(path)
    try {
      refuseOtherKinds(path, lstatSync)
      if (existsSync(configIn(path))) {
        throw new Error(
          `${path} has a job already: continue it with "rnnlm train --resume ${path}", or choose another folder`,
        )
      }
      const left = [LAST, BEST, LOG, TEXTS].find((name) => existsSync(join(path, name)))
      if (left !== undefined)
        throw new Error(`${path} has a ${left} of something else: choose another folder, or move it away`)
    } catch (error) {
      lock.release()
      throw error
    }
    return new JobFolder(path, settings, lock)
  }

  /** Opens the folder of a job that goes on, with some settings changed; `keepSettings` writes them down. */
  static open(path: string, changes: ResumeSettings = {}, options: LockOptions = {}): JobFolder {
    if (!existsSync(configIn(path))) {
      throw fileError('resume', path, new Error('it has no config.json, so no job was begun there'))
    }
    const lock = lockFolder(path, options)
    try {
      refuseOtherKinds(path, lstatSync)
      const settings = resolveSettings({ ...readSettings(configIn(path)), ...changes })
      return new JobFolder(path, withAbsolutePaths(settings), lock)
    } catch (error) {
      lock.release()
      throw error
    }
  }

  get last(): string {
    return join(this.path, LAST)
  }

  get best(): string {
    return join(this.path, BEST)
  }

  get log(): string {
    return join(this.path, LOG)
  }

  get texts(): string {
    return textsIn(this.path)
  }

  keepSettings(): void {
    writeSettings(this.path, this.settings)
  }

  /** What the user should know of how it was opened. */
  get warning(): string | undefined {
    return this.#lock.warning
  }

  /** @throws an error if the folder is gone, or another process has taken it over */
  check(): void {
    this.#lock.check()
  }

  /** Leaves no job there: it could not begin. None of these files was there before. */
  abandon(): void {
    for (const name of [LAST, BEST, LOG, TEXTS, CONFIG]) rmSync(join(this.path, name), { force: true })
    this.release()
  }

  release(): void {
    this.#lock.release()
  }
}

/** The settings with the paths of texts made absolute, so that a job goes on from any folder. */
function withAbsolutePaths(settings: JobSettings): JobSettings {
  const absolute = { ...settings }
  for (const name of ['data', 'valid', 'test', 'initFrom'] as const) {
    const path = settings[name]
    if (
      path !== undefined &&
      path !== STANDARD_INPUT &&
      !(name === 'data' && ['builtin', 'ptb'].includes(path))
    )
      absolute[name] = resolve(path)
  }
  return absolute
}

/** The checkpoint by which the model of a job is used: its best one, or the last where there is none. */
export function checkpointIn(path: string): string {
  refuseOtherKinds(path, statSync)
  const checkpoint = [BEST, LAST].map((name) => join(path, name)).find((file) => existsSync(file))
  if (checkpoint !== undefined) return checkpoint
  throw fileError('use', path, new Error(`it has neither ${BEST} nor ${LAST}`))
}

/**
 * The folder of a job may come from somebody else. Where one of its files should be, a pipe or device may make its reader
 * wait forever, and a link may lead anywhere.
 * @param look `lstatSync` refuses links, through which a job writes nothing; `statSync` follows them, which readers may
 */
function refuseOtherKinds(folder: string, look: typeof lstatSync | typeof statSync): void {
  for (const name of FILES) {
    const path = join(folder, name)
    const found = look(path, { throwIfNoEntry: false })
    const fault = found && jobFileFault(path, found)
    if (fault !== undefined) throw fileError('use', folder, new Error(fault))
  }
}

/** The log of a job. */
export function logIn(path: string): string {
  refuseOtherKinds(path, statSync)
  return join(path, LOG)
}

/** Where the texts of a job are if they cannot be read again. */
export function textsIn(path: string): string {
  return join(path, TEXTS)
}

/** Where the picture of a job goes by default. */
export function pictureIn(path: string): string {
  return join(path, PICTURE)
}

function writeSettings(path: string, settings: JobSettings): void {
  writeFileWhole(configIn(path), `${JSON.stringify(settings, null, 2)}\n`)
}

function configIn(path: string): string {
  return join(path, CONFIG)
}

/** Settings from a JSON file, checked. */
export function readSettings(path: string): ReturnType<typeof checkSettings> {
  try {
    return checkSettings(parseJson(decodeBytes(readFileSync(path))))
  } catch (cause) {
    throw fileError('read', path, cause)
  }
}
