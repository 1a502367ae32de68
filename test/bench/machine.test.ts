/** Records are kept by kinds of machines. */
import { expect, it } from 'vitest'
import { machine, machineKind } from '../../bench/harness/machine.ts'

it.each([
  ['Intel(R) Xeon(R) Processor', 'avx512', 'intel-xeon-avx512'],
  ['Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz', 'amx', 'intel-xeon-platinum-8481c-amx'],
  ['AMD EPYC', 'avx512', 'amd-epyc-avx512'],
  ['AMD EPYC 9B14 96-Core Processor', 'avx512', 'amd-epyc-9b14-avx512'],
  ['AMD Ryzen 7 7840U w/ Radeon 780M Graphics', 'avx512', 'amd-ryzen-7-7840u-avx512'],
  ['AMD Ryzen 7 4700U with Radeon Graphics', 'avx2', 'amd-ryzen-7-4700u-avx2'],
  ['Apple M2 Pro', 'neon', 'apple-m2-pro-neon'],
  ['', 'scalar', 'unknown-scalar'],
])('%j with %s is of the kind %s', (cpu, isa, kind) => {
  expect(machineKind(cpu, isa)).toBe(kind)
})

it('a record tells the kind of its machine', () => {
  const { kind, cpu } = machine('avx2')
  expect(kind).toBe(machineKind(cpu, 'avx2'))
  expect(kind).toMatch(/^[a-z0-9-]+-avx2$/)
})
