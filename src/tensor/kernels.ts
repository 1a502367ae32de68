/** What runs: the instruction set in use and those that this machine has. */
import { native } from '../native.ts'

export interface Kernels {
  /** `avx512`, `avx2`, `sse2`, `neon` or `scalar`. */
  isa: string
  /** Instruction sets of this machine, best first; `RNNLM_ISA` takes any of them. */
  available: string[]
  threads: number
  /** How float32 matrices are multiplied. */
  precision: 'highest'
}

export function kernels(): Kernels {
  return { isa: native.currentIsa(), available: native.availableIsas(), threads: 1, precision: 'highest' }
}
