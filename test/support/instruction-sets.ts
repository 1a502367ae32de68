/** Runs a suite once for every instruction set of this machine; names those that it lacks as skipped. */
import { afterAll, beforeAll, describe } from 'vitest'
import { native } from '../../src/native.ts'

const KNOWN = ['amx', 'avx512', 'avx2', 'sse2', 'neon', 'scalar']

export function describeEachIsa(name: string, suite: (isa: string) => void): void {
  const available = native.availableIsas()
  for (const isa of KNOWN) {
    describe.skipIf(!available.includes(isa))(
      `${name} (${isa}${available.includes(isa) ? '' : ': not on this machine'})`,
      () => {
        const before = native.currentIsa()
        beforeAll(() => void native.selectIsa(isa))
        afterAll(() => void native.selectIsa(before))
        suite(isa)
      },
    )
  }
}
