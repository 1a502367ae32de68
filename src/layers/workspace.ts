/**
 * The buffers of a layer, allocated once per batch shape [N, T] and reused by every step. The buffers of the two most
 * recent shapes are kept, so that training and evaluation can alternate without new allocations. The largest ones,
 * those of training, are also kept while readers of a model in training use many other shapes.
 */
interface Entry<Buffers> {
  N: number
  T: number
  buffers: Buffers
  usedAt: number
}

const RECENT = 2
/** The number of uses of other shapes after which the largest buffers are released. */
const LONGEST_WAIT = 1000

export class Workspace<Buffers> {
  readonly #make: (N: number, T: number) => Buffers
  /** The most recently used comes first. */
  #entries: Entry<Buffers>[] = []
  #uses = 0

  constructor(make: (N: number, T: number) => Buffers) {
    this.#make = make
  }

  for(N: number, T: number): Buffers {
    const usedAt = ++this.#uses
    const latest = this.#entries[0]
    if (latest && latest.N === N && latest.T === T) {
      latest.usedAt = usedAt
      return latest.buffers
    }
    const others = this.#entries.filter((entry) => entry.N !== N || entry.T !== T)
    const known = this.#entries.find((entry) => entry.N === N && entry.T === T)
    const entry = known ?? { N, T, buffers: this.#make(N, T), usedAt }
    entry.usedAt = usedAt
    const largest = Math.max(...this.#entries.map(({ N, T }) => N * T))
    this.#entries = [
      entry,
      ...others.filter(
        (other, i) =>
          i < RECENT - 1 || (other.N * other.T === largest && usedAt - other.usedAt < LONGEST_WAIT),
      ),
    ]
    return entry.buffers
  }
}
