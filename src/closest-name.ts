/** Finds the name that a misspelt one was probably meant to be. */

/**
 * The known name closest to `name`, or undefined if none is close: at most a third of its letters differ, or one of the
 * two begins with the other. Case, `-` and `_` are ignored.
 */
export function closestName(name: string, known: readonly string[]): string | undefined {
  const given = normalize(name)
  let closest: string | undefined
  let least = Math.max(1, Math.floor(given.length / 3)) + 1
  for (const candidate of known) {
    const distance = editDistance(given, normalize(candidate))
    if (distance < least) [closest, least] = [candidate, distance]
  }
  return closest ?? known.find((candidate) => isAbbreviation(given, normalize(candidate)))
}

function normalize(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '')
}

const SHORTEST_ABBREVIATION = 3

function isAbbreviation(a: string, b: string): boolean {
  return Math.min(a.length, b.length) >= SHORTEST_ABBREVIATION && (a.startsWith(b) || b.startsWith(a))
}

/** The number of insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`. */
export function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const isEqual = a[i - 1] === b[j - 1]
      let least = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + (isEqual ? 0 : 1))
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (isSwap) least = Math.min(least, beforePrevious[j - 2]! + 1)
      current.push(least)
    }
    beforePrevious = previous
    previous = current
  }
  return previous[b.length]!
}
