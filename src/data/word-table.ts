/**
 * Words as bytes in UTF-8, and their ids: 0, 1, 2, … in order of first appearance. A word is looked up in the bytes
 * of a text, so no string is made for it.
 *
 * An open-addressing hash table: a slot holds a word's hash and its id + 1; 0 is a free slot. At most half of the
 * slots are taken. Memory: the bytes of the words and 20 to 36 bytes for each.
 */
const FIRST_SLOTS = 2 ** 12
const FIRST_BYTES = 2 ** 15
const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

export class WordTable {
  #size = 0
  /** Hash and id + 1, by turns. */
  #slots = new Int32Array(2 * FIRST_SLOTS)
  #bytes = Buffer.alloc(FIRST_BYTES)
  /** Word `id` is the bytes from `starts[id]` to `starts[id + 1]`. */
  #starts = new Uint32Array(FIRST_SLOTS / 2 + 2)

  static of(words: Iterable<string>): WordTable {
    const table = new WordTable()
    for (const word of words) {
      const bytes = Buffer.from(word)
      table.add(bytes, 0, bytes.length)
    }
    return table
  }

  get size(): number {
    return this.#size
  }

  /** The id of the word from `start` to `end`, or −1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    return this.#slots[this.#slotOf(hashOf(bytes, start, end), bytes, start, end) + 1]! - 1
  }

  /** The id of the word from `start` to `end`; a new word gets the next free one. */
  add(bytes: Uint8Array, start: number, end: number): number {
    const hash = hashOf(bytes, start, end)
    const slot = this.#slotOf(hash, bytes, start, end)
    const known = this.#slots[slot + 1]!
    if (known > 0) return known - 1
    const id = this.#size++
    this.#slots[slot] = hash
    this.#slots[slot + 1] = id + 1
    this.#keep(id, bytes.subarray(start, end))
    if (4 * this.#size > this.#slots.length) this.#doubleSlots()
    return id
  }

  wordOf(id: number): string {
    return this.#bytes.toString('utf8', this.#starts[id], this.#starts[id + 1])
  }

  /** The place in `slots` of the word, or of the free slot where it belongs. */
  #slotOf(hash: number, bytes: Uint8Array, start: number, end: number): number {
    const slots = this.#slots
    const mask = slots.length - 1
    let slot = (2 * hash) & mask
    while (slots[slot + 1] !== 0) {
      if (slots[slot] === hash && this.#is(slots[slot + 1]! - 1, bytes, start, end)) break
      slot = (slot + 2) & mask
    }
    return slot
  }

  #is(id: number, bytes: Uint8Array, start: number, end: number): boolean {
    const own = this.#bytes
    const first = this.#starts[id]!
    if (this.#starts[id + 1]! - first !== end - start) return false
    for (let i = start; i < end; i++) {
      if (own[first + i - start] !== bytes[i]) return false
    }
    return true
  }

  #keep(id: number, word: Uint8Array): void {
    const start = this.#starts[id]!
    const end = start + word.length
    if (end > this.#bytes.length) {
      const larger = Buffer.alloc(2 * end)
      larger.set(this.#bytes.subarray(0, start))
      this.#bytes = larger
    }
    this.#bytes.set(word, start)
    this.#starts[id + 1] = end
  }

  #doubleSlots(): void {
    const old = this.#slots
    const slots = new Int32Array(2 * old.length)
    const mask = slots.length - 1
    for (let i = 0; i < old.length; i += 2) {
      if (old[i + 1] === 0) continue
      let slot = (2 * old[i]!) & mask
      while (slots[slot + 1] !== 0) slot = (slot + 2) & mask
      slots[slot] = old[i]!
      slots[slot + 1] = old[i + 1]!
    }
    this.#slots = slots
    const starts = new Uint32Array(slots.length / 4 + 2)
    starts.set(this.#starts)
    this.#starts = starts
  }
}

/** FNV-1a (Fowler, Noll, Vo), its high bits folded into the low ones that choose the slot. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = FNV_OFFSET
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, FNV_PRIME)
  return hash ^ (hash >>> 15)
}
