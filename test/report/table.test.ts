import { expect, it } from 'vitest'
import { alignedColumns } from '../../src/report/table.ts'

it('the first column is aligned left, the others right, and no line ends with spaces', () => {
  const rows = [
    ['', 'words', 'rate'],
    ['lstm', '1,000', '20'],
    ['unigram', '5', ''],
  ]
  expect(alignedColumns(rows)).toBe('         words  rate\nlstm     1,000    20\nunigram      5')
})
