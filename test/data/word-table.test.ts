import fc from 'fast-check'
import { expect, test } from 'vitest'

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
  const words = ['a', 'x'.repeat(100_000), 'y'.repeat(300_000), '']
  const table = atOnce(WordTable.of(words))
  expect(words.map((word) => find(table, word))).toEqual([0, 1, 2, 3])
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
