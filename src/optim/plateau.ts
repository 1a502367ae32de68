/**
 * Reacts to a validation perplexity that no longer falls ("Deep Learning from Scratch 2", ch. 6.5.4): the learning rate
 * is divided by a factor after each evaluation (or every n evaluations) that does not improve on the best so far, and
 * training stops after `patience` such evaluations in a row. The state consists of plain numbers for use in
 * checkpoints.
 */
import { checkInteger, checkNumber, checkOptions } from '../checks.ts'
import { typeError } from '../errors.ts'

export interface PlateauState {
  /** The factor by which to multiply the learning rate. */
  readonly lrFactor: number
  /** The lowest perplexity so far; null before the first evaluation. */
  readonly best: number | null
  readonly evaluationsSinceBest: number
}

/** The state before the first evaluation. */
export const noPlateau: PlateauState = { lrFactor: 1, best: null, evaluationsSinceBest: 0 }

export interface PlateauOptions {
  /** The divisor of the learning rate; defaults to 4. With 1 it is never reduced. */
  factor?: number
  /** The number of consecutive evaluations without improvement before each division; defaults to 1. */
  patience?: number
}

/** The state after one more evaluation. A NaN or infinite perplexity is not an improvement. */
export function afterEvaluation(
  state: PlateauState,
  perplexity: number,
  options: PlateauOptions = {},
): PlateauState {
  const { factor = 4, patience = 1 } = checkOptions('afterEvaluation', options, ['factor', 'patience'])
  if (typeof perplexity !== 'number') throw typeError('afterEvaluation', 'perplexity', 'a number', perplexity)
  checkNumber('afterEvaluation', 'factor', factor, 1)
  checkInteger('afterEvaluation', 'patience', patience)
  if (perplexity < (state.best ?? Infinity)) {
    return { lrFactor: state.lrFactor, best: perplexity, evaluationsSinceBest: 0 }
  }
  const evaluationsSinceBest = state.evaluationsSinceBest + 1
  const isCut = evaluationsSinceBest % patience === 0
  return {
    lrFactor: isCut ? state.lrFactor / factor : state.lrFactor,
    best: state.best,
    evaluationsSinceBest,
  }
}

/** Whether the last `patience` evaluations brought no improvement. */
export function hasStalled(state: PlateauState, patience: number): boolean {
  return state.evaluationsSinceBest >= checkInteger('hasStalled', 'patience', patience)
}
