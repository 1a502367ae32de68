/**
 * A recorded list of operations on fixed buffers, which runs by one native call. Only operations on tensors are
 * recorded: what JavaScript computes between them is not.
 */
import { type NativeTape, native } from '../native.ts'

export class Tape {
  readonly #tape: NativeTape

  private constructor(tape: NativeTape) {
    this.#tape = tape
  }

  /**
   * Records the operations that `operations` calls for. They are not run, so their results must not be read; those that
   * return whether all went well return that it did. After an error nothing is recorded.
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

  /** Whether both do the same on the same buffers. */
  equals(other: Tape): boolean {
    return native.equalTapes(this.#tape, other.#tape)
  }

  /**
   * Whether this thread called for nothing else since the recording, be it an operation or another way to multiply.
   * Running tapes does not count.
   */
  get isLatest(): boolean {
    return native.isLatest(this.#tape)
  }

  /** Whether `runApart` uses a thread of its own: all memory of the tape can be neither transferred nor resized. */
  get runsApart(): boolean {
    return native.runsApart(this.#tape)
  }

  /**
   * Runs all operations; false if `stopUnlessFinite` ended the run.
   * @throws {RangeError} that names the operation that failed, and the token
   */
  run(): boolean {
    return native.runTape(this.#tape)
  }

  /**
   * The same on a thread of its own. Until the promise is kept, operations on what the tape uses are errors. A tape whose
   * memory could be transferred or resized meanwhile runs at once.
   */
  runApart(): Promise<boolean> {
    return native.runTapeApart(this.#tape)
  }
}
