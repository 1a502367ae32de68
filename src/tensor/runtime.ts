/** What the process computes with: instruction set, threads and precision of matrix multiplications. */
import { checkChoice, checkInteger } from '../checks.ts'
import { native, PRECISIONS, type Precision } from '../native.ts'

export interface Kernels {
  /** The instruction set in use, such as `avx2`. */
  isa: string
  /** The instruction sets of this machine, best first; `RNNLM_ISA` selects one of them. */
  available: string[]
  /** The number of threads that share the work of one operation, including the calling thread. */
  threads: number
  /** The precision of matrix multiplications: `highest` if the processor gains nothing from the one that was set. */
  precision: Precision
}

export function kernels(): Kernels {
  return {
    isa: native.currentIsa(),
    available: native.availableIsas(),
    threads: native.threadCount(),
    precision: native.currentPrecision(),
  }
}

/** The precisions that the instruction set in use has kernels for. With any other, matrices are multiplied in `highest`. */
export function availablePrecisions(): Precision[] {
  return native.availablePrecisions()
}

/**
 * Sets the precision of matrix multiplications for the whole process; the default is `highest`. Tensors stay float32, and
 * products are always summed in float32. If the processor is no faster with a precision (see `availablePrecisions`),
 * matrices are multiplied in float32 and `kernels().precision` is `highest`. Matrices too small to gain are multiplied in
 * float32, too.
 *
 * - `highest`: float32
 * - `high`: each number is split into two bfloat16 numbers, and three products replace one; relative errors of about 4e-6
 *   (rms)
 * - `medium`: numbers are rounded to bfloat16; relative errors of about 2e-3
 *
 * NaN and infinity propagate as in float32. However, in `high` a product of finite numbers that overflows float32 may be
 * NaN, and numbers below 1e-35 lose their lower part.
 *
 * A packed matrix keeps the precision it was packed with, and so does a training step recorded by another worker.
 */
export function setFloat32MatmulPrecision(precision: Precision): void {
  native.selectPrecision(checkChoice('setFloat32MatmulPrecision', 'precision', precision, PRECISIONS))
}

/**
 * Sets the number of threads that the process computes with. The default is `RNNLM_THREADS`, or else the number of cores
 * that the process may use. Results are bit-identical for any number of threads.
 */
export function setThreads(count: number): void {
  native.setThreadCount(checkInteger('setThreads', 'count', count, 1, 1024))
}
