/**
 * Buffers of a layer, made once per batch shape [N, T] and reused by every step. Those of the two shapes used last are
 * kept, so that training and evaluation can take turns without making them again.
 */
export class Workspace<Buffers> {
  readonly #make: (N: number, T: number) => Buffers
  #recent: { N: number; T: number; buffers: Buffers }[] = []

  constructor(make: (N: number, T: number) => Buffers) {
    this.#make = make
  }

  for(N: number, T: number): Buffers {
    const latest = this.#recent[0]
    if (latest && latest.N === N && latest.T === T) return latest.buffers
    const known = this.#recent.find((entry) => entry.N === N && entry.T === T)
    const entry = known ?? { N, T, buffers: this.#make(N, T) }
    this.#recent = latest ? [entry, latest] : [entry]
    return entry.buffers
  }
}
