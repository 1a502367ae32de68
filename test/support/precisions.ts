/** Runs a suite once for every precision on every instruction set; says what products really use there. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe } from 'vitest'
import type { Precision } from '../../src/native.ts'
import { setFloat32MatmulPrecision } from '../../src/tensor/index.ts'
import { describeEachIsa } from './instruction-sets.ts'

export const PRECISIONS: readonly Precision[] = ['highest', 'high', 'medium']

/** The precisions that instruction sets have kernels for; all other products are float32. */
const IN_BFLOAT16: Record<string, readonly Precision[]> = {
  amx: ['high', 'medium'],
  avx512: hasFastAvx512Bf16() ? ['medium'] : [],
}

function hasFastAvx512Bf16(): boolean {
  if (process.platform !== 'linux') return false
  const processor = readFileSync('/proc/cpuinfo', 'utf8')
  return /\bavx512_bf16\b/.test(processor) && processor.includes('AuthenticAMD')
}

/** The precision that products really have. */
export function precisionOn(isa: string, wanted: Precision): Precision {
  return IN_BFLOAT16[isa]?.includes(wanted) ? wanted : 'highest'
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
