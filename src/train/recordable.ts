/**
 * Which steps are recorded, and the check that a recording is complete.
 *
 * Models, layers and optimizers of this package, and classes that extend them, are recorded. A step computes in TypeScript
 * if a method of one of them was overridden or replaced (by a subclass, a spy), since it may do anything; `isRecordable` of
 * the model or the optimizer overrules that either way. A model or an optimizer that extends nothing of this package is
 * recorded only if its `isRecordable` is true.
 *
 * A layer that computes in JavaScript would compute once, while the step is recorded, and be skipped when the recording
 * runs. `checkRecording` refuses such a step: then a result does not depend on the batch by operations, or an operation
 * reads what no operation wrote.
 */
import { stateError } from '../errors.ts'
import * as layers from '../layers/index.ts'
import type { TrainableLanguageModel } from '../models/index.ts'
import * as models from '../models/index.ts'
import type { Optimizer } from '../optim/index.ts'
import * as optimizers from '../optim/index.ts'
import type { Tape } from '../tensor/index.ts'
import type { Batches } from './batches.ts'

const OWN_CLASSES = new Set<unknown>([layers, models, optimizers].flatMap((room) => Object.values(room)))

/** Whether a step of the model and the optimizer can be recorded, and run without calling their methods. */
export function isRecordable(model: TrainableLanguageModel, optimizer: Optimizer): boolean {
  return (
    (model.isRecordable ?? [model, ...(model.parts ?? [])].every(isUnchanged)) &&
    (optimizer.isRecordable ?? isUnchanged(optimizer))
  )
}

/** Whether an object has the methods of a class of this package. */
function isUnchanged(subject: object): boolean {
  const added: PropertyKey[] = Reflect.ownKeys(subject)
  let prototype = Object.getPrototypeOf(subject)
  while (prototype && !OWN_CLASSES.has(prototype.constructor)) {
    added.push(...Reflect.ownKeys(prototype))
    prototype = Object.getPrototypeOf(prototype)
  }
  return prototype !== null && added.every((name) => name === 'constructor' || !(name in prototype))
}

/**
 * Checks that a step computes its results from its batch by the operations that were recorded.
 * @throws an error that says which of them does not, and how to opt out
 */
export function checkRecording(
  tape: Tape,
  { xs, ts }: Batches,
  { params, grads, lossHead }: TrainableLanguageModel,
): void {
  const loss = lossHead.loss.sum
  if (tape.firstUnreached([xs], [loss]) >= 0) refuse('the loss does not depend on the tokens xs')
  const unreached = tape.firstUnreached([ts], [loss, ...grads, ...params])
  const names = ['the loss', ...grads.map((_, i) => `grads[${i}]`), ...params.map((_, i) => `params[${i}]`)]
  if (unreached >= 0) refuse(`${names[unreached]} does not depend on the targets ts`)
  const stray = tape.firstStrayRead([xs, ts])
  if (stray !== null) refuse(`${stray} reads a tensor that no operation writes`)
}

function refuse(problem: string): never {
  throw stateError(
    'fit',
    `${problem} in a recorded step, so something computes in JavaScript. Compute with operations on tensors, or set ` +
      'isRecordable = false on the model (or the optimizer) so that its steps are not recorded',
  )
}
