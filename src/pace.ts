/** Long work that lets the event loop run: timers fire, sockets are read and Ctrl-C acts meanwhile. */
import { setImmediate as nextTurn } from 'node:timers/promises'

/** How long asynchronous work in JavaScript may hold the main thread, in milliseconds. */
export const LONGEST_STRETCH = 10

/** Work in JavaScript that is done in pieces: it yields after each, and returns its result. */
export type Pieces<Result> = Generator<void, Result, void>

/**
 * Lets the event loop run, after a piece of work in native code or of some milliseconds.
 * @throws the signal's reason if it is aborted
 */
export async function rest(signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted()
  await nextTurn()
  signal?.throwIfAborted()
}

/**
 * Does work in pieces, with a rest whenever 10 ms have passed.
 * @throws the signal's reason if it is aborted
 */
export async function inPieces<Result>(
  pieces: Pieces<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  signal?.throwIfAborted()
  for (let restedAt = performance.now(); ; ) {
    const { done, value } = pieces.next()
    if (done) return value
    if (performance.now() - restedAt < LONGEST_STRETCH) continue
    await rest(signal)
    restedAt = performance.now()
  }
}

/** Does the same without a rest: for functions that are not asynchronous. */
export function atOnce<Result>(pieces: Pieces<Result>): Result {
  for (;;) {
    const { done, value } = pieces.next()
    if (done) return value
  }
}

/** The places 0 … size − 1 in ranges of at most `length`, a piece of work each. */
export function* ranges(size: number, length = 2 ** 14): Generator<[from: number, to: number], void, void> {
  for (let from = 0; from < size; from += length) yield [from, Math.min(from + length, size)]
}
