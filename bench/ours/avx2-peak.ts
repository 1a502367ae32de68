/** The rate of multiply-adds in registers, compiled from `avx2_peak.cc`, as the time that each product would take at it. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Product } from '../scenarios/matmul.ts'
import { serve } from './protocol.ts'

const folder = mkdtempSync(join(tmpdir(), 'rnnlm-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

const source = fileURLToPath(new URL('avx2_peak.cc', import.meta.url))
const program = join(folder, 'avx2_peak')

await serve<object, Product>(async (_, { caseMilliseconds }) => {
  execFileSync('g++', ['-std=c++17', '-O2', '-mavx2', '-mfma', source, '-o', program])
  const gigaflops = (): number => Number(execFileSync(program, [String(caseMilliseconds)]))
  gigaflops()
  return { check: 0, measure: ({ work }) => ({ millisecondsPerIteration: (1000 * work) / gigaflops() }) }
})
