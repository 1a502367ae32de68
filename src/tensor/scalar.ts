import { fixedDoubles } from './storage.ts'

/**
 * A float64 number in memory that operations read or write, such as a loss or a learning rate. A recorded step uses the
 * value at the time it runs; a number would be fixed when the step is recorded.
 */
export class Scalar {
  /** The number, as the only element. */
  readonly data: Float64Array = fixedDoubles(1)

  constructor(value = 0) {
    this.data[0] = value
  }

  get value(): number {
    return this.data[0]!
  }

  set value(value: number) {
    this.data[0] = value
  }
}
