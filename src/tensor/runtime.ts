/** What the process computes with: instruction set, threads and precision of matrix multiplications. */
import { checkInteger, rangeError, typeError } from '../errors.ts'
import { native, type Precision } from '../native.ts'

export interface Kernels {
  /** `amx`, `avx512`, `avx2`, `sse2`, `neon` or `scalar`. */
  isa: string
  /** Instruction sets of this machine, best first; `RNNLM_ISA` takes any of them. */
  available: string[]
  /** How many threads share the work of one operation, the calling one among them. */
  threads: number
  /** How float32 matrices are really multiplied: `highest` where nothing is gained by what was asked for. */
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

/** The precisions in which products really are computed by the instruction set in use; in others they are `highest`. */
export function availablePrecisions(): Precision[] {
  return native.availablePrecisions()
}

/**
 * How float32 matrices are multiplied from now on, in the whole process; `highest` at first. Tensors stay float32, and
 * sums are float32 with any of them. Where the processor is no faster with a precision (see `availablePrecisions`), products
 * stay float32 and `kernels().precision` says `highest`. Products too small to gain stay float32, too.
 *
 * - `highest`: in float32
 * - `high`: each number split in two of bfloat16, three products for one: relative errors of about 4e-6 (rms)
 * - `medium`: rounded to bfloat16: about 2e-3
 *
 * NaN and infinity are handed on as in float32; but a product of finite numbers that is too large for float32 may be NaN in
 * `high`, and numbers below 1e-35 lose their lower part.
 *
 * A packed matrix keeps the precision in which it was packed, as does a training step that another worker has recorded.
 */
export function setFloat32MatmulPrecision(precision: Precision): void {
  const expected = "'highest', 'high' or 'medium'"
  if (typeof precision !== 'string') {
    throw typeError('setFloat32MatmulPrecision', 'precision', expected, precision)
  }
  if (!native.selectPrecision(precision)) {
    throw rangeError('setFloat32MatmulPrecision', 'precision', expected, precision)
  }
}

/**
 * Sets how many threads of the process work together; by default the cores that it may use, or `RNNLM_THREADS`.
 * Results are the same bits with any number.
 */
export function setThreads(count: number): void {
  native.setThreadCount(checkInteger('setThreads', 'count', count, 1, 1024))
}
