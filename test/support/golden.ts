/** Figures computed independently in float64 (see the script beside them), and how far ours may be from them. */
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { type NestedNumbers, Tensor } from '../../src/tensor/index.ts'

export function readGolden<Golden>(name: string): Golden {
  return JSON.parse(readFileSync(new URL(`../golden/${name}`, import.meta.url), 'utf8')) as Golden
}

/** Asserts that every element is within `tolerance` · max(1, |expected|). */
export function expectClose(actual: Tensor, expected: NestedNumbers | Tensor, tolerance = 1e-5): void {
  const wanted = expected instanceof Tensor ? expected : Tensor.from(expected)
  expect(actual.shape).toEqual(wanted.shape)
  const a = actual.clone().data
  const e = wanted.clone().data
  for (let i = 0; i < e.length; i++) {
    const limit = tolerance * Math.max(1, Math.abs(e[i]!))
    if (!(Math.abs(a[i]! - e[i]!) <= limit)) {
      expect.fail(`element ${i} of [${actual.shape}]: expected ${e[i]} ± ${limit}, got ${a[i]}`)
    }
  }
}
