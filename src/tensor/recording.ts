/** Whether operations are recorded at the moment. Their results are then not known, so nothing may read or write numbers. */
import { stateError } from '../errors.ts'

let isRecording = false

/** Calls `record` with the mark set that operations are recorded. */
export function whileRecording(record: () => void): void {
  isRecording = true
  try {
    record()
  } finally {
    isRecording = false
  }
}

/** Throws if operations are recorded: an operation that returns a number, or JavaScript that computes with elements. */
export function refuseWhileRecording(operation: string): void {
  if (!isRecording) return
  throw stateError(
    operation,
    'numbers are not known while a training step is recorded. Compute with operations on tensors, or set ' +
      'isRecordable = false on the model (or the optimizer) so that its steps are not recorded',
  )
}
