/** Runs long work without blocking the event loop: timers, sockets and Ctrl-C keep working. */
import { setImmediate as nextTurn } from 'node:timers/promises'

/** The longest time, in milliseconds, for which asynchronous work may block the main thread. */
export const LONGEST_STRETCH = 10

/** Work in pieces: yields after each piece and returns its result. */
export type Pieces<Result> = Generator<void, Result, void>

/**
 * Lets the event loop run after a native operation or a few milliseconds of work.
 * @throws the signal's reason if it is aborted
 */
export async function rest(signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted()
  await nextTurn()
  signal?.throwIfAborted()
}

/**
 * Runs work in pieces and lets the event loop run every 10 ms.
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

/** Runs work in pieces without pausing, for synchronous functions. */
export function atOnce<Result>(pieces: Pieces<Result>): Result {
  for (;;) {
    const { done, value } = pieces.next()
    if (done) return value
  }
}

/** The indices 0 … size − 1 as ranges of at most `length`, one per piece of work. */
export function* ranges(size: number, length = 2 ** 14): Generator<[from: number, to: number], void, void> {
  for (let from = 0; from < size; from += length) yield [from, Math.min(from + length, size)]
}

/** A sorted copy. The sort is stable. */
export function* sorted<Item>(items: readonly Item[], compare: (a: Item, b: Item) => number): Pieces<Item[]> {
  let length = 2 ** 10
  let from: Item[] = []
  for (const [start, end] of ranges(items.length, length)) {
    for (const item of items.slice(start, end).sort(compare)) from.push(item)
    yield
  }
  for (; length < from.length; length *= 2) {
    const to: Item[] = []
    for (let start = 0; start < from.length; start += 2 * length)
      yield* merge(from, start, Math.min(start + length, from.length), start + 2 * length, compare, to)
    from = to
  }
  return from
}

/** Merges the sorted ranges start … middle and middle … end into `to`. */
function* merge<Item>(
  from: readonly Item[],
  start: number,
  middle: number,
  end: number,
  compare: (a: Item, b: Item) => number,
  to: Item[],
): Pieces<void> {
  const last = Math.min(end, from.length)
  let [left, right] = [start, middle]
  for (const [first, next] of ranges(last - start, 2 ** 12)) {
    for (let i = first; i < next; i++) {
      const takesLeft = left < middle && (right === last || compare(from[left]!, from[right]!) <= 0)
      to.push(from[takesLeft ? left++ : right++]!)
    }
    yield
  }
}
