/**
 * What training does where the validation perplexity no longer falls ("Deep Learning from Scratch 2", ch. 6.5.4): the
 * learning rate is divided by a factor after each evaluation that is no better than the best so far, and training stops
 * after `patience` such evaluations in a row. The state is plain numbers, as a checkpoint keeps them.
 */
import { checkInteger, checkNumber, typeError } from '../errors.ts'

export interface PlateauState {
  /** What the learning rate is to be multiplied by. */
  readonly lrFactor: number
  /** The lowest perplexity so far; null before the first. */
  readonly best: number | null
  readonly evaluationsSinceBest: number
}

/** Before the first evaluation. */
export const noPlateau: PlateauState = { lrFactor: 1, best: null, evaluationsSinceBest: 0 }

/**
 * The state after one more evaluation. A perplexity that is NaN or infinite is no improvement.
 * @param factor what the learning rate is divided by; 1 leaves it as it is
 */
export function afterEvaluation(state: PlateauState, perplexity: number, factor = 4): PlateauState {
  if (typeof perplexity !== 'number') throw typeError('afterEvaluation', 'perplexity', 'a number', perplexity)
  checkNumber('afterEvaluation', 'factor', factor, 1)
  if (perplexity < (state.best ?? Infinity)) {
    return { lrFactor: state.lrFactor, best: perplexity, evaluationsSinceBest: 0 }
  }
  return {
    lrFactor: state.lrFactor / factor,
    best: state.best,
    evaluationsSinceBest: state.evaluationsSinceBest + 1,
  }
}

/** Whether the last `patience` evaluations brought nothing. */
export function hasStalled(state: PlateauState, patience: number): boolean {
  return state.evaluationsSinceBest >= checkInteger('hasStalled', 'patience', patience)
}
