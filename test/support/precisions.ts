/** Runs a suite once for every precision on every instruction set; says what products really use there. */
import { afterAll, beforeAll, describe } from 'vitest'
import type { Precision } from '../../src/native.ts'
import { setFloat32MatmulPrecision } from '../../src/tensor/index.ts'
import { describeEachIsa } from './instruction-sets.ts'

export const PRECISIONS: readonly Precision[] = ['highest', 'high', 'medium']

/** The instruction sets with bfloat16 units; on others all products are float32. */
const WITH_BFLOAT16 = ['amx']

/** The precision that products really have. */
export function precisionOn(isa: string, wanted: Precision): Precision {
  return WITH_BFLOAT16.includes(isa) ? wanted : 'highest'
}

export function describeEachPrecision(
  name: string,
  suite: (wanted: Precision, used: Precision) => void,
): void {
  describeEachIsa(name, (isa) => {
    for (const wanted of PRECISIONS) {
      const used = precisionOn(isa, wanted)
      describe(wanted === used ? wanted : `${wanted}, which is ${used} here`, () => {
        beforeAll(() => setFloat32MatmulPrecision(wanted))
        afterAll(() => setFloat32MatmulPrecision('highest'))
        suite(wanted, used)
      })
    }
  })
}
