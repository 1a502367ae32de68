/** The log of a job: the records, and the file if there is one. */
import { type Log, type LogRecord, openLog, readLog } from './log-records.ts'

export class JobLog {
  readonly records: LogRecord[] = []
  readonly #file: Log | undefined

  /**
   * @param path path of the file; undefined for none
   * @param keep bytes of an existing log that a resumed job continues
   */
  constructor(path: string | undefined, keep = 0) {
    this.#file = path === undefined ? undefined : openLog(path, keep)
    if (path !== undefined && this.size > 0) this.records.push(...readLog(path))
  }

  /** Number of bytes written. */
  get size(): number {
    return this.#file?.size ?? 0
  }

  /** Adds the record to `records` even if it cannot be written. */
  write(record: LogRecord): void {
    this.records.push(record)
    this.#file?.write(record)
  }

  close(): void {
    this.#file?.close()
  }
}
