import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'

import { hashOf, randomKeys, WordTable } from '../../src/data/word-table.ts'
import { atOnce } from '../../src/pace.ts'

function add(table: WordTable, word: string): number {
  const bytes = Buffer.from(`<${word}>`)
  return table.add(bytes, 1, bytes.length - 1)
}

function find(table: WordTable, word: string): number {
  const bytes = Buffer.from(`(${word})`)
  return table.find(bytes, 1, bytes.length - 1)
}

test('gives the ids that a Map gives', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('a', 'b', 'ab'))),
      (words) => {
        const table = new WordTable()
        const different = [...new Set(words)]
        expect(words.map((word) => add(table, word))).toEqual(words.map((word) => different.indexOf(word)))
        expect(words.map((word) => find(table, word))).toEqual(words.map((word) => different.indexOf(word)))
        expect(different.map((_, id) => table.wordOf(id))).toEqual(different)
        expect(table.size).toBe(different.length)
      },
    ),
  )
})

test.each([2047, 2048, 2049, 50_000])('grows to %i words', (size) => {
  const words = Array.from({ length: size }, (_, i) => `word ${i}`)
  const table = atOnce(WordTable.of(words))
  expect(table.size).toBe(size)
  expect(words.every((word, id) => find(table, word) === id && table.wordOf(id) === word)).toBe(true)
  expect(find(table, `word ${size}`)).toBe(-1)
})

test('finds all words and no others while it grows', () => {
  const table = new WordTable()
  const words = Array.from({ length: 5000 }, (_, i) => `word ${i}`)
  for (const [id, word] of words.entries()) {
    expect(add(table, word)).toBe(id)
    for (const known of [0, id >> 1, id]) {
      expect(find(table, words[known]!)).toBe(known)
      expect(add(table, words[known]!)).toBe(known)
    }
    expect(find(table, `word ${id + 1}`)).toBe(-1)
  }
})

afterEach(() => vi.unstubAllGlobals())

test('grows in small steps: no word writes many numbers', () => {
  let written = 0
  const counting: ProxyHandler<Int32Array> = {
    get(target, key) {
      const value = Reflect.get(target, key)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        written += key === 'set' ? (args[0] as Int32Array).length : target.length
        return value.apply(target, args)
      }
    },
    set(target, key, value) {
      written++
      return Reflect.set(target, key, value)
    },
  }
  const keys = randomKeys()
  const Plain = Int32Array
  class Counted {
    constructor(length: number) {
      // biome-ignore lint/correctness/noConstructorReturn: the array counts what is written
      return new Proxy(new Plain(length), counting)
    }
  }
  vi.stubGlobal('Int32Array', Counted)
  const table = new WordTable(keys)
  let most = 0
  for (let i = 0; i < 70_000; i++) {
    const before = written
    table.addWord(`${i}`)
    most = Math.max(most, written - before)
  }
  expect(written).toBeGreaterThan(70_000)
  expect(most).toBeLessThan(50)
})

test('tells words apart that have the same hash', () => {
  const hashes = new Map<number, string>()
  const pairs: [string, string][] = []
  for (let i = 0; pairs.length < 3; i++) {
    const word = `w${i.toString(36)}`
    let hash = 0x811c9dc5
    for (const byte of Buffer.from(word)) hash = Math.imul(hash ^ byte, 0x01000193)
    const other = hashes.get(hash)
    if (other !== undefined) pairs.push([other, word])
    hashes.set(hash, word)
  }
  for (const [a, b] of pairs) {
    const table = atOnce(WordTable.of([a]))
    expect(find(table, b)).toBe(-1)
    expect(add(table, b)).toBe(1)
    expect([find(table, a), find(table, b)]).toEqual([0, 1])
  }
})

test('keeps words that are longer than all before', () => {
  const short = Array.from({ length: 5000 }, (_, i) => `word ${i}`)
  const words = ['a', 'x'.repeat(100_000), 'y'.repeat(300_000), '', ...short, 'z'.repeat(2 ** 20)]
  const table = atOnce(WordTable.of(words))
  expect(words.map((word) => find(table, word))).toEqual([...words.keys()])
  expect(words.map((_, id) => table.wordOf(id))).toEqual(words)
})

test('hashes with random keys: words that collide with some keys are spread by others', () => {
  const words = Array.from({ length: 2000 }, (_, i) => `${i}`.padStart(8, 'x') + 'y'.repeat(i % 150))
  const idsOf = (keys?: Int32Array) => {
    const table = new WordTable(keys)
    return [...words, ...words].map((word) => table.add(Buffer.from(word), 0, Buffer.byteLength(word)))
  }
  const expected = [...words.keys(), ...words.keys()]
  const collide = new Int32Array(65) // all hashes are 0
  expect(idsOf(collide)).toEqual(expected)
  expect(idsOf()).toEqual(expected)
  const hashes = (keys: Int32Array) =>
    words.map((word) => hashOf(keys, Buffer.from(word), 0, Buffer.byteLength(word)))
  expect(new Set(hashes(collide)).size).toBe(1)
  const keys = randomKeys()
  expect(new Set(hashes(keys)).size).toBeGreaterThan(1990)
  expect(new Set(hashes(keys).map((hash) => hash & 4095)).size).toBeGreaterThan(1200)
  expect(hashes(keys)).not.toEqual(hashes(randomKeys()))
})
