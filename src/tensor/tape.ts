/**
 * A recorded list of operations on fixed buffers, run by one native call. Only operations on tensors are recorded, not
 * what JavaScript computes between them.
 */
import { type NativeTape, native } from '../native.ts'

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
      operations()
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
   * Whether this thread has called no operation, and not changed the instruction set or precision, since the recording.
   * Running tapes does not count.
   */
  get isLatest(): boolean {
    return native.isLatest(this.#tape)
  }

  /**
   * Whether `runInBackground` uses another thread. It does if none of the tape's buffers can be transferred or resized.
   */
  get runsInBackground(): boolean {
    return native.runsInBackground(this.#tape)
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
