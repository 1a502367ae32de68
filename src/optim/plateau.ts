/**
 * What training does where the validation perplexity no longer falls ("Deep Learning from Scratch 2", ch. 6.5.4): the
 * learning rate is divided by a factor after each evaluation (or each so many) that is no better than the best so far, and
 * training stops after `patience` such evaluations in a row. The state is plain numbers, as a checkpoint keeps them.
 */
import { checkInteger, checkNumber, checkOptions } from '../checks.ts'
import { typeError } from '../errors.ts'

export interface PlateauState {
  /** What the learning rate is to be multiplied by. */
  readonly lrFactor: number
  /** The lowest perplexity so far; null before the first. */
  readonly best: number | null
  readonly evaluationsSinceBest: number
}

/** Before the first evaluation. */
export const noPlateau: PlateauState = { lrFactor: 1, best: null, evaluationsSinceBest: 0 }

export interface PlateauOptions {
  /** What the learning rate is divided by, default 4; 1 leaves it as it is. */
  factor?: number
  /** So many evaluations in a row that bring nothing, default 1, divide it once. */
  patience?: number
}

/** The state after one more evaluation. A perplexity that is NaN or infinite is no improvement. */
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

/** Whether the last `patience` evaluations brought nothing. */
export function hasStalled(state: PlateauState, patience: number): boolean {
  return state.evaluationsSinceBest >= checkInteger('hasStalled', 'patience', patience)
}
