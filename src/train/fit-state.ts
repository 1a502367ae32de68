/** The state of a run between two iterations, from which it can be resumed exactly. */
import { checkInteger, checkNumber, isObject } from '../checks.ts'
import { rangeError, typeError } from '../errors.ts'

export interface FitState {
  /** Number of iterations done. */
  iteration: number
  timeIdx: number
  /** The sum of losses since the last entry of `pplList`. */
  totalLoss: number
  lossCount: number
  pplList: number[]
  recordedAt: number[]
  seconds: number
}

/** Checks a state, which may come from a file. */
export function checkFitState(operation: string, argument: string, state: unknown): FitState {
  if (!isObject(state)) throw typeError(operation, argument, 'the state of a fit', state)
  const given = state as unknown as FitState
  const { iteration, timeIdx, totalLoss, lossCount, pplList, recordedAt, seconds } = given
  for (const [name, value] of Object.entries({ iteration, timeIdx, lossCount }))
    checkInteger(operation, `${argument}.${name}`, value, 0)
  checkNumber(operation, `${argument}.totalLoss`, totalLoss)
  checkNumber(operation, `${argument}.seconds`, seconds, 0)
  for (const [name, values] of Object.entries({ pplList, recordedAt })) {
    if (!Array.isArray(values))
      throw typeError(operation, `${argument}.${name}`, 'an array of numbers', values)
    values.forEach((value, i) => {
      checkNumber(operation, `${argument}.${name}[${i}]`, value, 0)
    })
  }
  if (pplList.length !== recordedAt.length)
    throw rangeError(operation, `${argument}.recordedAt`, `${pplList.length} numbers, as pplList`, recordedAt)
  return given
}
