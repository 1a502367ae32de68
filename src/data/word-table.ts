/**
 * A hash table of words as UTF-8 bytes. Ids are assigned in order of first appearance. Words are looked up directly in
 * the bytes of a text, so no strings are created.
 *
 * The table uses open addressing. A slot holds the hash of a word and the position of its record + 1; 0 marks a free
 * slot. At most half of the slots are used. A record holds the id of the word, its length in bytes and the bytes,
 * padded to a multiple of 4. A look-up therefore touches two places in memory, which dominates its cost for large
 * vocabularies.
 *
 * Memory: the bytes of the words, plus 30 to 50 bytes per word.
 */
import { type Pieces, ranges } from '../pace.ts'

const FIRST_SLOTS = 2 ** 12
const FIRST_RECORDS = 2 ** 14
const RECORD_HEAD = 2
const PIECE_WORDS = 2 ** 10

/** The number of bytes per block of the hash, and the number of bytes of the previous hash that begin each block. */
const BLOCK = 64
const CARRIED = 4
const LENGTH_KEY = BLOCK

export function randomKeys(): Int32Array {
  const keys = new Int32Array(BLOCK + 1)
  crypto.getRandomValues(keys)
  return keys
}

const KEYS = randomKeys()

export class WordTable {
  #size = 0
  /** Alternating hash and position in `records` + 1. */
  #slots = new Int32Array(2 * FIRST_SLOTS)
  #records = new Int32Array(FIRST_RECORDS)
  /** The same memory as bytes. */
  #bytes = Buffer.from(this.#records.buffer)
  #recordsEnd = 0
  /** The position of the record of each id. */
  #places = new Uint32Array(FIRST_SLOTS)
  readonly #keys: Int32Array

  /** @param keys hash keys; ids do not depend on them */
  constructor(keys = KEYS) {
    this.#keys = keys
  }

  static *of(words: readonly string[]): Pieces<WordTable> {
    const table = new WordTable()
    for (const [from, to] of ranges(words.length, PIECE_WORDS)) {
      for (let id = from; id < to; id++) table.addWord(words[id]!)
      yield
    }
    return table
  }

  get size(): number {
    return this.#size
  }

  /** The id of the word from `start` to `end`, or −1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const place = this.#slots[this.#slotOf(hashOf(this.#keys, bytes, start, end), bytes, start, end) + 1]! - 1
    return place < 0 ? -1 : this.#records[place]!
  }

  /** The id of the word from `start` to `end`; assigns the next free id to a new word. */
  add(bytes: Uint8Array, start: number, end: number): number {
    const hash = hashOf(this.#keys, bytes, start, end)
    const slot = this.#slotOf(hash, bytes, start, end)
    const known = this.#slots[slot + 1]! - 1
    if (known >= 0) return this.#records[known]!
    this.#slots[slot] = hash
    this.#slots[slot + 1] = this.#addRecord(bytes, start, end) + 1
    if (4 * this.#size > this.#slots.length) this.#doubleSlots()
    return this.#size - 1
  }

  addWord(word: string): number {
    const bytes = Buffer.from(word)
    return this.add(bytes, 0, bytes.length)
  }

  wordOf(id: number): string {
    const place = this.#places[id]!
    const start = 4 * (place + RECORD_HEAD)
    return this.#bytes.toString('utf8', start, start + this.#records[place + 1]!)
  }

  /** The id of `word`, or −1. */
  idOf(word: string): number {
    const bytes = Buffer.from(word)
    return this.find(bytes, 0, bytes.length)
  }

  /** All words in the order of their ids. */
  *words(): Pieces<string[]> {
    const words: string[] = []
    for (const [from, to] of ranges(this.#size, PIECE_WORDS)) {
      for (let id = from; id < to; id++) words.push(this.wordOf(id))
      yield
    }
    return words
  }

  /** The index in `slots` of the word, or of the free slot where it belongs. */
  #slotOf(hash: number, bytes: Uint8Array, start: number, end: number): number {
    const slots = this.#slots
    const mask = slots.length - 1
    let slot = (2 * hash) & mask
    while (slots[slot + 1] !== 0) {
      if (slots[slot] === hash && this.#isAt(slots[slot + 1]! - 1, bytes, start, end)) break
      slot = (slot + 2) & mask
    }
    return slot
  }

  #isAt(place: number, bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#records[place + 1] !== end - start) return false
    const own = this.#bytes
    const shift = 4 * (place + RECORD_HEAD) - start
    for (let i = start; i < end; i++) {
      if (own[i + shift] !== bytes[i]) return false
    }
    return true
  }

  /** Adds a record and returns its position. */
  #addRecord(bytes: Uint8Array, start: number, end: number): number {
    const place = this.#recordsEnd
    const id = this.#size++
    this.#recordsEnd += RECORD_HEAD + Math.ceil((end - start) / 4)
    if (this.#recordsEnd > this.#records.length) {
      this.#records = enlarged(this.#records, 2 * this.#recordsEnd)
      this.#bytes = Buffer.from(this.#records.buffer)
    }
    if (id === this.#places.length) this.#places = enlarged(this.#places, 2 * id)
    this.#places[id] = place
    this.#records[place] = id
    this.#records[place + 1] = end - start
    this.#bytes.set(bytes.subarray(start, end), 4 * (place + RECORD_HEAD))
    return place
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
  }
}

function enlarged<A extends Int32Array | Uint32Array>(array: A, length: number): A {
  const larger = new (array.constructor as new (length: number) => A)(length)
  larger.set(array)
  return larger
}

/**
 * Σ keyᵢ · byteᵢ modulo 2³², in blocks of 64 bytes. The hash of a block becomes the first 4 bytes of the next one. The
 * keys are random, so an attacker cannot prepare colliding words: any two different words collide with probability 2⁻²⁴
 * (Carter and Wegman 1979). The high bits, which are the good ones, are folded into the low bits that select the slot.
 */
export function hashOf(keys: Int32Array, bytes: Uint8Array, start: number, end: number): number {
  let hash = Math.imul(end - start, keys[LENGTH_KEY]!)
  let key = 0
  for (let i = start; i < end; i++) {
    if (key === BLOCK) {
      hash = startOfBlock(keys, hash)
      key = CARRIED
    }
    hash = (hash + Math.imul(keys[key++]!, bytes[i]!)) | 0
  }
  return hash ^ (hash >>> 16)
}

function startOfBlock(keys: Int32Array, hash: number): number {
  let start = 0
  for (let i = 0; i < CARRIED; i++) start = (start + Math.imul(keys[i]!, (hash >>> (8 * i)) & 255)) | 0
  return start
}
