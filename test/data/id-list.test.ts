import { expect, test } from 'vitest'
import { IdList } from '../../src/data/id-list.ts'

const BLOCK = 2 ** 20

test.each([0, 1, 256, 257, 5000, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 17])(
  'keeps %i ids in their order',
  (length) => {
    const list = new IdList()
    for (let i = 0; i < length; i++) list.push(7 * i)
    expect(list.length).toBe(length)
    const ids = list.toArray()
    expect(ids.length).toBe(length)
    expect(ids.every((id, i) => id === 7 * i)).toBe(true)
  },
)

test('is empty once its ids have been taken', () => {
  const list = new IdList()
  for (let i = 0; i < BLOCK + 2; i++) list.push(1)
  list.toArray()
  expect(list.length).toBe(0)
  list.push(5)
  expect(list.toArray()).toEqual(Int32Array.of(5))
})
