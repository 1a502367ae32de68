/**
 * A hash table of words as UTF-8 bytes. Ids are assigned in order of first appearance. Words are looked up directly in
 * the bytes of a text, so no strings are created.
 *
 * The table uses open addressing. A slot holds the hash of a word and the position of its record + 1; 0 marks a free
 * slot. At most half of the slots are used. A record holds the id of the word, its length in bytes and the bytes,
 * padded to a multiple of 4. A look-up therefore touches two places in memory, which dominates its cost for large
 * vocabularies.
 *
 * No call takes long, however large the table is. When the slots are doubled, each word that is not yet in the new slots
 * moves a few of the old ones. Until all have moved, it is looked up in the new slots, then in the old ones. Records move
 * in the same way, with each new word.
 *
 * Memory: the bytes of the words, plus 30 to 50 bytes per word; up to 1.5 times as much while slots and records move.
 */
import { type Pieces, ranges } from '../pace.ts'

const FIRST_SLOTS = 2 ** 12
const RECORD_HEAD = 2
const PIECE_WORDS = 2 ** 10
/** How many slots a word moves. Two suffice: there are twice as many slots as words to come before the next doubling. */
const MOVED_SLOTS = 4
/** How many numbers of old records move with each number of a new record. One suffices. */
const MOVED_NUMBERS = 4
const FIRST_RECORDS = 2 ** 14

const PAGE_BITS = 16
const PAGE = 2 ** PAGE_BITS

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

class RecordStore {
  readonly numbers: Int32Array
  /** The same memory as bytes. */
  readonly bytes: Buffer

  constructor(length: number) {
    this.numbers = new Int32Array(length)
    this.bytes = Buffer.from(this.numbers.buffer)
  }
}

export class WordTable {
  #size = 0
  /** Alternating hash and position of the record + 1. */
  #slots = new Int32Array(2 * FIRST_SLOTS)
  /** The slots before they were doubled. Those before `movedSlots` are also in `slots`. */
  #oldSlots: Int32Array | undefined
  #movedSlots = 0
  #store = new RecordStore(FIRST_RECORDS)
  /** While records move, a larger store: it has those before `movedNumbers` and those that `store` has no room for. */
  #nextStore: RecordStore | undefined
  #movedNumbers = 0
  #recordsEnd = 0
  /** The position of the record of each id, in pages, which never move. */
  readonly #places: Int32Array[] = []
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
    const hash = hashOf(this.#keys, bytes, start, end)
    const found = this.#findIn(this.#slots, hash, bytes, start, end)
    if (found >= 0) return found
    return this.#oldSlots ? this.#findInOld(this.#oldSlots, hash, bytes, start, end) : -1
  }

  /** The id of the word from `start` to `end`; assigns the next free id to a new word. */
  add(bytes: Uint8Array, start: number, end: number): number {
    const hash = hashOf(this.#keys, bytes, start, end)
    const found = this.#findIn(this.#slots, hash, bytes, start, end)
    return found < 0 ? this.#addNew(~found, hash, bytes, start, end) : found
  }

  addWord(word: string): number {
    const bytes = Buffer.from(word)
    return this.add(bytes, 0, bytes.length)
  }

  wordOf(id: number): string {
    const place = this.#places[id >>> PAGE_BITS]![id % PAGE]!
    const { numbers, bytes } = this.#storeOf(place)
    const start = 4 * (place + RECORD_HEAD)
    return bytes.toString('utf8', start, start + numbers[place + 1]!)
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

  /** The id of the word; if it is not in `slots`, ~index of the free slot where it belongs. */
  #findIn(slots: Int32Array, hash: number, bytes: Uint8Array, start: number, end: number): number {
    const mask = slots.length - 1
    let slot = (2 * hash) & mask
    for (;;) {
      const place = slots[slot + 1]! - 1
      if (place === -1) return ~slot
      if (slots[slot] === hash) {
        const store = this.#storeOf(place)
        if (isAt(store, place, bytes, start, end)) return store.numbers[place]!
      }
      slot = (slot + 2) & mask
    }
  }

  #storeOf(place: number): RecordStore {
    return place < this.#store.numbers.length ? this.#store : this.#nextStore!
  }

  /** The id of the word, or −1. Also moves slots, so that the words of a text are soon found in the new ones. */
  #findInOld(old: Int32Array, hash: number, bytes: Uint8Array, start: number, end: number): number {
    const found = this.#findIn(old, hash, bytes, start, end)
    this.#moveSlots(old)
    return Math.max(-1, found)
  }

  /** The id of a word that is not in `slots`; `slot` is the free one where it belongs. */
  #addNew(slot: number, hash: number, bytes: Uint8Array, start: number, end: number): number {
    const slots = this.#slots
    const old = this.#oldSlots
    const known = old ? this.#findIn(old, hash, bytes, start, end) : -1
    if (known < 0) {
      slots[slot] = hash
      slots[slot + 1] = this.#addRecord(bytes, start, end) + 1
    }
    if (old) this.#moveSlots(old)
    else if (4 * this.#size > slots.length) this.#doubleSlots()
    return known < 0 ? this.#size - 1 : known
  }

  /** Adds a record and returns its position. */
  #addRecord(bytes: Uint8Array, start: number, end: number): number {
    const length = RECORD_HEAD + Math.ceil((end - start) / 4)
    if (this.#nextStore) this.#moveRecords(this.#nextStore, MOVED_NUMBERS * length)
    const { length: room } = this.#store.numbers
    if (!this.#nextStore && this.#recordsEnd + length > room) {
      this.#nextStore = new RecordStore(2 * (room + length))
      this.#movedNumbers = 0
      this.#recordsEnd = room
    }
    const place = this.#recordsEnd
    this.#recordsEnd += length
    const id = this.#size++
    const store = this.#storeOf(place)
    store.numbers[place] = id
    store.numbers[place + 1] = end - start
    const shift = 4 * (place + RECORD_HEAD) - start
    for (let i = start; i < end; i++) store.bytes[i + shift] = bytes[i]!
    if (id % PAGE === 0) this.#places.push(new Int32Array(PAGE))
    this.#places[id >>> PAGE_BITS]![id % PAGE] = place
    return place
  }

  #moveRecords(next: RecordStore, count: number): void {
    const { numbers } = this.#store
    const end = Math.min(this.#movedNumbers + count, numbers.length)
    for (let i = this.#movedNumbers; i < end; i++) next.numbers[i] = numbers[i]!
    this.#movedNumbers = end
    if (end < numbers.length) return
    this.#store = next
    this.#nextStore = undefined
  }

  #doubleSlots(): void {
    this.#oldSlots = this.#slots
    this.#slots = new Int32Array(2 * this.#slots.length)
    this.#movedSlots = 0
  }

  #moveSlots(old: Int32Array): void {
    const slots = this.#slots
    const mask = slots.length - 1
    const end = this.#movedSlots + 2 * MOVED_SLOTS
    for (let i = this.#movedSlots; i < end; i += 2) {
      if (old[i + 1] === 0) continue
      let slot = (2 * old[i]!) & mask
      while (slots[slot + 1] !== 0) slot = (slot + 2) & mask
      slots[slot] = old[i]!
      slots[slot + 1] = old[i + 1]!
    }
    this.#movedSlots = end
    if (end === old.length) this.#oldSlots = undefined
  }
}

function isAt(
  { numbers, bytes: own }: RecordStore,
  place: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  if (numbers[place + 1] !== end - start) return false
  const shift = 4 * (place + RECORD_HEAD) - start
  for (let i = start; i < end; i++) {
    if (own[i + shift] !== bytes[i]) return false
  }
  return true
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
