/**
 * A recorded list of operations on fixed buffers, which runs again by one native call. Only operations on tensors are
 * recorded: what JavaScript computes between them is not.
 */
import { type NativeTape, native } from '../native.ts'

export class Tape {
  readonly #tape: NativeTape

  private constructor(tape: NativeTape) {
    this.#tape = tape
  }

  /** Runs `operations` and records them; after an error nothing is recorded. */
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

  /** Runs all operations; false where one of them failed, which ends the run. */
  run(): boolean {
    return native.runTape(this.#tape)
  }

  /** The same on a thread of its own. Until the promise is kept, operations on the tape's buffers are errors. */
  runApart(): Promise<boolean> {
    return native.runTapeApart(this.#tape)
  }
}
