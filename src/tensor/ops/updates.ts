/**
 * The update rules of optimizers. An update changes a parameter and the slots of its rule in place, in one pass. The learning
 * rate and the number of updates are scalars, so that a step can be recorded. Native code treats denormals as
 * zeros here.
 */
import { type Doubles, native, type Rows, type Update, type UpdateRules } from '../../native.ts'
import { Scalar } from '../scalar.ts'
import type { Tensor } from '../tensor.ts'
import { columnsOf, intoRows, rowStrideOf, rowsOf, safeFrom, withRows } from './operands.ts'

type RuleName = keyof UpdateRules
type Fields<Name extends RuleName> = Omit<Parameters<UpdateRules[Name]>[0], keyof Update>
type FieldsOf<Name extends RuleName, Value> = {
  [Key in keyof Fields<Name> as Fields<Name>[Key] extends Value ? Key : never]: Fields<Name>[Key]
}

/** The settings of a rule by name. */
export type UpdateSettings<Name extends RuleName> = {
  [Key in Exclude<keyof Fields<Name>, keyof FieldsOf<Name, Rows>>]: Fields<Name>[Key] extends Doubles
    ? Scalar
    : Fields<Name>[Key]
}
/** The slots of a rule by name: contiguous tensors of the shape of the parameter. */
type UpdateSlots<Name extends RuleName> = Record<keyof FieldsOf<Name, Rows>, Tensor>

/** steps ← steps + 1 */
export function countUpdate(steps: Scalar): void {
  native.countUpdate(...asDoubles(steps))
}

/** Updates a parameter by its gradient, a tensor of the same shape. */
export function update<Name extends RuleName>(
  name: Name,
  lr: Scalar,
  settings: UpdateSettings<Name>,
  gradient: Tensor,
  parameter: Tensor,
  slots: UpdateSlots<Name>,
): void {
  const run = native[name] as (update: Update) => void
  const fields: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(settings))
    fields[key] = value instanceof Scalar ? asDoubles(value) : value
  for (const slot in slots) fields[slot] = asRows(slots[slot])
  intoRows(parameter, (out) => {
    const from = withRows(safeFrom(out, gradient))
    const isOneRow = from.isContiguous && out.isContiguous
    const [rows, columns] = isOneRow ? [1, out.size] : [rowsOf(out), columnsOf(out)]
    run({
      rows,
      columns,
      lr: asDoubles(lr),
      gradient: asRows(from),
      parameter: asRows(out),
      ...fields,
    })
  })
}

function asDoubles({ data }: Scalar): Doubles {
  return [data, 0]
}

function asRows(tensor: Tensor): Rows {
  return [tensor.data, tensor.offset, rowStrideOf(tensor)]
}
