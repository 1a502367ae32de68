/** Which instruction set runs, and how RNNLM_ISA chooses one: asked of processes of their own. */
import { describe, expect, it } from 'vitest'
import { native } from '../../src/native.ts'
import { type Kernels, kernels } from '../../src/tensor/index.ts'
import { startScript } from '../support/scripts.ts'

const SCRIPT = `import { kernels } from './dist/index.js'; console.log(JSON.stringify(kernels()))`

async function kernelsWith(isa: string | undefined): Promise<Kernels> {
  const { prints } = startScript(SCRIPT, { env: { ...process.env, RNNLM_ISA: isa } })
  return JSON.parse(await prints('stdout')) as Kernels
}

describe('kernels', () => {
  const { available } = kernels()

  it('tells what runs and what could', () => {
    expect(kernels()).toMatchObject({ isa: native.currentIsa(), precision: 'highest' })
    expect(kernels().threads).toBeGreaterThanOrEqual(1)
    expect(available).toContain(kernels().isa)
    expect(available.at(-1)).toBe('scalar')
    expect(new Set(available).size).toBe(available.length)
  })

  it('selectIsa changes nothing for one that is not there', () => {
    const before = native.currentIsa()
    for (const isa of ['', 'AVX2', 'avx', 'avx2 ', 'nonsense']) {
      expect(native.selectIsa(isa)).toBe(false)
      expect(native.currentIsa()).toBe(before)
    }
  })
})

describe('RNNLM_ISA', () => {
  const { available } = kernels()
  const missing = ['avx512', 'neon', 'amx', 'nonsense'].filter((isa) => !available.includes(isa))

  it('takes the best instruction set where it is not set or empty', async () => {
    expect((await kernelsWith(undefined)).isa).toBe(available[0])
    expect((await kernelsWith('')).isa).toBe(available[0])
  })

  it.each(available)('%s is used', async (isa) => {
    expect((await kernelsWith(isa)).isa).toBe(isa)
  })

  it.each(missing)('%s is an error that names what is there', async (isa) => {
    await expect(kernelsWith(isa)).rejects.toThrow(
      `RNNLM_ISA: expected one of ${available.join(', ')} (what this machine has), got "${isa}"`,
    )
  })
})
