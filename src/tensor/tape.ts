/**
 * A recorded list of operations on fixed buffers, run by one native call. Only operations on tensors are recorded, not
 * what JavaScript computes between them: `firstUnreached` and `firstStrayRead` find what is missing.
 */
import { type NativeTape, native } from '../native.ts'
import { whileRecording } from './recording.ts'
import { Scalar } from './scalar.ts'
import type { DType } from './storage.ts'
import type { Tensor } from './tensor.ts'

/** What operations read and write. */
export type Operand = Tensor<DType> | Scalar

export class Tape {
  readonly #tape: NativeTape

  private constructor(tape: NativeTape) {
    this.#tape = tape
  }

  /**
   * Records the operations that `operations` calls. They are not run, so their results must not be read; an operation
   * that reports success or failure reports success. If `operations` throws, nothing is recorded.
   */
  static record(operations: () => void): Tape {
    native.startRecording()
    let tape: NativeTape | undefined
    try {
      whileRecording(operations)
    } finally {
      tape = native.stopRecording()
    }
    return new Tape(tape)
  }

  /** Whether both tapes do the same on the same buffers. */
  equals(other: Tape): boolean {
    return native.equalTapes(this.#tape, other.#tape)
  }

  /**
   * Whether no operation of this thread has written to the tape's buffers, and the instruction set and precision are the same,
   * since the recording. Running tapes does not count.
   */
  get isCurrent(): boolean {
    return native.isCurrent(this.#tape)
  }

  /**
   * Whether `runInBackground` uses another thread. It does if none of the tape's buffers can be transferred or resized.
   */
  get runsInBackground(): boolean {
    return native.runsInBackground(this.#tape)
  }

  /** The position in `to` of the first operand that the tape does not compute from one of `from`, or -1. */
  firstUnreached(from: readonly Operand[], to: readonly Operand[]): number {
    return native.firstUnreached(this.#tape, from.map(arrayOf), to.map(arrayOf))
  }

  /**
   * The name of the first operation that reads tensor elements that the tape never writes and that are not in `inputs`,
   * or null. Scalars are inputs anyway.
   */
  firstStrayRead(inputs: readonly Operand[]): string | null {
    return native.firstStrayRead(this.#tape, inputs.map(arrayOf))
  }

  /**
   * Runs all operations. Returns false if `stopUnlessFinite` stopped it.
   * @throws {RangeError} that names the operation that failed, and the token
   */
  run(): boolean {
    return native.runTape(this.#tape)
  }

  /**
   * Runs all operations on another thread. Until the promise settles, using the tape's operands throws. A tape with a
   * buffer that could be transferred or resized meanwhile runs on the calling thread before this returns.
   */
  runInBackground(): Promise<boolean> {
    return native.runTapeInBackground(this.#tape)
  }
}

/** The part of an operand's array from its first element to its last. */
function arrayOf(operand: Operand): Float32Array | Int32Array | Float64Array {
  if (operand instanceof Scalar) return operand.data
  const { data, offset, shape, strides, size } = operand
  const last = shape.reduce((place, length, axis) => place + (length - 1) * strides[axis]!, offset)
  return data.subarray(offset, size === 0 ? offset : last + 1)
}
