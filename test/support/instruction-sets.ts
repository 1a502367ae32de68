/** Runs a suite once for every instruction set of this machine. */
import { afterAll, beforeAll, describe, it } from 'vitest'
import { native } from '../../src/native.ts'

const KNOWN = ['amx', 'avx512', 'avx2', 'sse2', 'neon', 'scalar']
const available = native.availableIsas()

/** Those that a file names as skipped, once. */
let missing = KNOWN.filter((isa) => !available.includes(isa))

export function describeEachIsa(name: string, suite: (isa: string) => void): void {
  for (const isa of missing) it.skip(`${isa}: not on this machine`)
  missing = []
  for (const isa of KNOWN) {
    if (!available.includes(isa)) continue
    describe(`${name} (${isa})`, () => {
      const before = native.currentIsa()
      beforeAll(() => void native.selectIsa(isa))
      afterAll(() => void native.selectIsa(before))
      suite(isa)
    })
  }
}
