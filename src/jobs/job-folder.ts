/**
 * The folder of a training job. Only one process may work in it at a time. Files are written atomically.
 *
 *     config.json           the resolved settings
 *     last.safetensors      the latest checkpoint
 *     best.safetensors      the weights of the epoch with the lowest validation perplexity
 *     log.jsonl             the log
 *     perplexity.svg        the plot
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
   * Creates the folder of a new job, which begins with `keepSettings`.
   * @throws an error if the folder already contains a job or files of one
   */
  static create(path: string, given: JobSettings): JobFolder {
    const settings = withAbsolutePaths(given)
    const lock = lockFolder(path)
    try {
      refuseOtherKinds(path, lstatSync)
      if (existsSync(configIn(path))) {
        throw new Error(
          `${path} already contains a job; continue it with "rnnlm train --resume ${path}" or choose another folder`,
        )
      }
      const left = [LAST, BEST, LOG, TEXTS].find((name) => existsSync(join(path, name)))
      if (left !== undefined)
        throw new Error(`${path} contains another ${left}; choose another folder or move the file`)
    } catch (error) {
      lock.release()
      throw error
    }
    return new JobFolder(path, settings, lock)
  }

  /** Opens the folder of a job to resume, with some settings changed; `keepSettings` writes them. */
  static open(path: string, changes: ResumeSettings = {}, options: LockOptions = {}): JobFolder {
    if (!existsSync(configIn(path))) {
      throw fileError('resume', path, new Error('it is not a job folder: it contains no config.json'))
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

  /** A warning about how the folder was opened. */
  get warning(): string | undefined {
    return this.#lock.warning
  }

  /** @throws an error if the folder is gone, or another process has taken it over */
  check(): void {
    this.#lock.check()
  }

  /** Removes the files of a job that failed to start. None of them existed before. */
  abandon(): void {
    for (const name of [LAST, BEST, LOG, TEXTS, CONFIG]) rmSync(join(this.path, name), { force: true })
    this.release()
  }

  release(): void {
    this.#lock.release()
  }
}

/** The settings with absolute paths of texts, so that the job can be resumed from any folder. */
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

/** The checkpoint that represents the model of a job: the best one, or the last one if there is no best one. */
export function checkpointIn(path: string): string {
  refuseOtherKinds(path, statSync)
  const checkpoint = [BEST, LAST].map((name) => join(path, name)).find((file) => existsSync(file))
  if (checkpoint !== undefined) return checkpoint
  throw fileError('use', path, new Error(`it contains neither ${BEST} nor ${LAST}`))
}

/**
 * Checks the files of a job folder, which may come from an untrusted source: reading a pipe or device may block
 * forever, and a link may lead anywhere.
 * @param look `lstatSync` rejects links, for jobs, which must not write through them; `statSync` follows them, for
 * readers
 */
function refuseOtherKinds(folder: string, look: typeof lstatSync | typeof statSync): void {
  for (const name of FILES) {
    const path = join(folder, name)
    const found = look(path, { throwIfNoEntry: false })
    const fault = found && jobFileFault(path, found)
    if (fault !== undefined) throw fileError('use', folder, new Error(fault))
  }
}

/** The path of the log. */
export function logIn(path: string): string {
  refuseOtherKinds(path, statSync)
  return join(path, LOG)
}

/** The path of the stored texts, if they cannot be read again. */
export function textsIn(path: string): string {
  return join(path, TEXTS)
}

/** The default path of the plot. */
export function pictureIn(path: string): string {
  return join(path, PICTURE)
}

function writeSettings(path: string, settings: JobSettings): void {
  writeFileWhole(configIn(path), `${JSON.stringify(settings, null, 2)}\n`)
}

function configIn(path: string): string {
  return join(path, CONFIG)
}

/** Reads and checks settings from a JSON file. */
export function readSettings(path: string): ReturnType<typeof checkSettings> {
  try {
    return checkSettings(parseJson(decodeBytes(readFileSync(path))))
  } catch (cause) {
    throw fileError('read', path, cause)
  }
}
