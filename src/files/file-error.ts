/** Errors of files and folders, which name the path and the reason. */

const REASONS: Record<string, string> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'it exists and is not a folder',
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EMFILE: 'too many open files',
  EFBIG: 'the file is too large',
}

/** The reason why a system call failed, in words: `no space left on the disk` instead of `ENOSPC: …, write`. */
export function reason(cause: unknown): string {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code
  return (code && REASONS[code]) || (cause instanceof Error ? cause.message : String(cause))
}

/** An error about a file or folder. */
class FileError extends Error {
  readonly path: string

  constructor(message: string, path: string, cause: unknown) {
    super(message, { cause })
    this.path = path
  }
}

/**
 * Creates the error for an operation on a file or folder: `cannot write run.svg: no space left on the disk`. If the
 * cause already names this path, it is returned unchanged.
 */
export function fileError(action: string, path: string, cause: unknown): Error {
  if (cause instanceof FileError && cause.path === path) return cause
  return new FileError(`cannot ${action} ${path}: ${reason(cause)}`, path, cause)
}
