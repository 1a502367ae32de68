/** Downloads small files over verified TLS and checks their SHA-256 before writing them. */
import { createHash } from 'node:crypto'
import { rangeError } from '../errors.ts'
import { fileError } from '../files/file-error.ts'
import { writeFileWhole } from '../files/whole-file.ts'

interface DownloadOptions {
  /** An `https:` address, or an `http:` address of this machine (`localhost`, `127.0.0.1`, `[::1]`). */
  url: string
  /** Where to write the file. Missing folders are created. */
  path: string
  /** The expected SHA-256 in lower-case hexadecimal. */
  sha256: string
  /** Timeout in milliseconds while the server sends nothing. */
  timeout?: number
  /** Stops the download; the promise then rejects with the signal's reason. */
  signal?: AbortSignal | undefined
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/
const LARGEST_DOWNLOAD_BYTES = 2 ** 26

/**
 * Downloads a file of at most 64 MiB and returns its bytes. Either the whole file is written to `path` or nothing.
 * @throws an error that names the address or path and the reason: no connection, an interrupted or stalled transfer, an
 * untrusted certificate, a status other than 200 (redirects included), a wrong checksum, or a file that cannot be
 * written
 */
export async function downloadFile({
  url,
  path,
  sha256,
  timeout = 30_000,
  signal,
}: DownloadOptions): Promise<Buffer> {
  checkAddress('downloadFile', 'url', url)
  const bytes = await fetchBytes(url, timeout, signal).catch((cause) => {
    signal?.throwIfAborted()
    throw fileError('download', url, rootCause(cause))
  })
  const found = checksum(bytes)
  if (found !== sha256)
    throw fileError('download', url, new Error(`its SHA-256 is ${found}, expected ${sha256}`))
  writeFileWhole(path, bytes)
  return bytes
}

/** The SHA-256 in lower-case hexadecimal. */
export function checksum(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Throws unless `address` is an `https:` address or an `http:` address of this machine. */
export function checkAddress(operation: string, argument: string, address: string): void {
  const { protocol, hostname } = URL.canParse(address) ? new URL(address) : { protocol: '', hostname: '' }
  if (protocol !== 'https:' && !(protocol === 'http:' && LOOPBACK.test(hostname))) {
    throw rangeError(operation, argument, 'an address that begins with https://', address)
  }
}

async function fetchBytes(url: string, timeout: number, signal: AbortSignal | undefined): Promise<Buffer> {
  signal?.throwIfAborted()
  const controller = new AbortController()
  const stalled = () => controller.abort(new Error(`the server sent nothing for ${timeout / 1000} s`))
  const timer = setTimeout(stalled, timeout)
  try {
    const response = await fetch(url, {
      signal: signal ? AbortSignal.any([signal, controller.signal]) : controller.signal,
      redirect: 'manual',
    })
    if (response.status !== 200) {
      const target = response.headers.get('location')
      const redirect = target === null ? '' : ` and a redirect to ${target}, which is not followed`
      throw new Error(`the server answered with status ${response.status}${redirect}`)
    }
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of response.body ?? []) {
      timer.refresh()
      size += chunk.length
      if (size > LARGEST_DOWNLOAD_BYTES) throw new Error(`it is larger than ${LARGEST_DOWNLOAD_BYTES} bytes`)
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  } finally {
    clearTimeout(timer)
    controller.abort()
  }
}

/** The reason why `fetch` failed. It is in the cause of the error, or in one error per address of the host. */
function rootCause(error: unknown): unknown {
  const inner = error instanceof AggregateError ? error.errors[0] : error instanceof Error && error.cause
  return inner instanceof Error ? rootCause(inner) : error
}
