/** The same computation on 1, 2, 3 and 8 threads: all give the same bits. */
import { expect } from 'vitest'
import { kernels, setThreads, type Tensor } from '../../src/tensor/index.ts'

export function withThreadCounts<Result>(compute: () => Result): Result[] {
  const before = kernels().threads
  try {
    return [1, 2, 3, 8].map((count) => {
      setThreads(count)
      return compute()
    })
  } finally {
    setThreads(before)
  }
}

export function bytesOf(tensor: Tensor): Buffer {
  return Buffer.from(tensor.clone().data.slice().buffer)
}

export function expectSameBits(compute: () => Tensor[]): void {
  const [first, ...others] = withThreadCounts(() => compute().map(bytesOf))
  for (const other of others) {
    other.forEach((bytes, i) => {
      expect(bytes.equals(first![i]!)).toBe(true)
    })
  }
}
