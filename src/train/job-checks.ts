/** What must hold before a job begins or goes on. */
import type { Texts } from '../data/texts.ts'
import { rangeError } from '../errors.ts'
import type { LanguageModel } from '../models/index.ts'
import type { JobSettings } from './settings.ts'

/** The model of a checkpoint must be the one that the settings ask for. */
export function checkModel({ options }: LanguageModel, settings: JobSettings): void {
  for (const name of ['cell', 'layers', 'wordvecSize', 'hiddenSize', 'dropout', 'tieWeights'] as const) {
    if (settings[name] !== options[name])
      throw rangeError('resume', name, `${options[name]}, as in the checkpoint`, settings[name])
  }
}

/** A run cannot end before where it stands. */
export function checkEpochs(finished: number, maxEpoch: number): number {
  if (maxEpoch < finished)
    throw rangeError('resume', 'maxEpoch', `at least ${finished}, the epochs that are done`, maxEpoch)
  return finished
}

/** Validation is what these go by. */
export function checkPatience(settings: JobSettings, { valid }: Texts): void {
  for (const name of ['patience', 'lrPatience'] as const) {
    if (settings[name] !== undefined && !valid)
      throw rangeError('settings', name, 'a validation text to go by (valid, or split)', settings[name])
  }
}
