/** Runs a suite once for every precision in which an instruction set really multiplies. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PRECISIONS, type Precision } from '../../src/native.ts'
import { kernels, setFloat32MatmulPrecision } from '../../src/tensor/index.ts'
import { describeEachIsa } from './instruction-sets.ts'

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

export function describeEachPrecision(name: string, suite: (precision: Precision) => void): void {
  describeEachIsa(name, (isa) => {
    afterAll(() => setFloat32MatmulPrecision('highest'))
    it.each(PRECISIONS)('kernels() tells what they use when %s is asked for', (wanted) => {
      setFloat32MatmulPrecision(wanted)
      expect(kernels().precision).toBe(precisionOn(isa, wanted))
    })
    for (const precision of PRECISIONS) {
      if (precisionOn(isa, precision) !== precision) continue
      describe(precision, () => {
        beforeAll(() => setFloat32MatmulPrecision(precision))
        suite(precision)
      })
    }
  })
}
