/** What runs: the instruction set in use, those that this machine has, and the threads. */
import { checkInteger } from '../errors.ts'
import { native } from '../native.ts'

export interface Kernels {
  /** `avx512`, `avx2`, `sse2`, `neon` or `scalar`. */
  isa: string
  /** Instruction sets of this machine, best first; `RNNLM_ISA` takes any of them. */
  available: string[]
  /** How many threads share the work of one operation, the calling one among them. */
  threads: number
  /** How float32 matrices are multiplied. */
  precision: 'highest'
}

export function kernels(): Kernels {
  return {
    isa: native.currentIsa(),
    available: native.availableIsas(),
    threads: native.threadCount(),
    precision: 'highest',
  }
}

/**
 * Sets how many threads of the process work together; by default the cores that it may use, or `RNNLM_THREADS`.
 * Results are the same bits with any number.
 */
export function setThreads(count: number): void {
  native.setThreadCount(checkInteger('setThreads', 'count', count, 1, 1024))
}
