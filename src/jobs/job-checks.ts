/** Checks before a job starts or resumes. */

import { checkInteger, checkNumber, checkOptions } from '../checks.ts'
import type { Texts } from '../data/texts.ts'
import { rangeError } from '../errors.ts'
import { fileError } from '../files/file-error.ts'
import { type LanguageModel, MODEL_SETTING_NAMES } from '../models/index.ts'
import { checkFitState } from '../train/fit-state.ts'
import type { JobCheckpoint } from './job-saver.ts'
import type { JobSettings } from './settings.ts'

/** Throws if the model of a checkpoint differs from the one in the settings. */
export function checkModel({ options }: LanguageModel, settings: JobSettings): void {
  for (const name of MODEL_SETTING_NAMES) {
    if (settings[name] !== options[name])
      throw rangeError('resume', name, `${options[name]}, as in the checkpoint`, settings[name])
  }
}

/** Throws if `maxEpoch` is lower than the number of finished epochs. */
export function checkEpochs(finished: number, maxEpoch: number): number {
  if (maxEpoch < finished)
    throw rangeError('resume', 'maxEpoch', `at least ${finished}, the number of finished epochs`, maxEpoch)
  return finished
}

/** Throws if a setting requires a validation text and there is none. */
export function checkPatience(settings: JobSettings, { valid }: Texts): void {
  for (const name of ['patience', 'lrPatience'] as const) {
    if (settings[name] !== undefined && !valid)
      throw rangeError('settings', name, 'a validation text (valid or split)', settings[name])
  }
}

/** Checks the progress in a checkpoint, which comes from a file. */
export function checkProgress({ progress, path }: JobCheckpoint, iterationsPerEpoch: number): void {
  try {
    const { plateau, epochsFinished, best, logSize, textChecksum } = progress
    const { iteration } = checkFitState('progress', 'fit', progress.fit)
    for (const [name, value] of Object.entries({ epochsFinished, logSize, textChecksum }))
      checkInteger('progress', name, value, 0)
    const epoch = Math.floor(iteration / iterationsPerEpoch)
    checkInteger('progress', 'epochsFinished', epochsFinished, Math.max(0, epoch - 1), epoch)
    checkNumber('progress', 'plateau.lrFactor', checkOptions('progress', plateau).lrFactor, 0, 1)
    checkInteger('progress', 'plateau.evaluationsSinceBest', plateau.evaluationsSinceBest, 0)
    if (plateau.best !== null) checkNumber('progress', 'plateau.best', plateau.best, 0)
    if (best === null) return
    const { perplexity, crossEntropy, tokens } = checkOptions(
      'progress',
      checkOptions('progress', best).validation,
    )
    checkInteger('progress', 'best.epoch', best.epoch, 1, epoch)
    checkNumber('progress', 'best.perplexity', perplexity, 0)
    checkNumber('progress', 'best.crossEntropy', crossEntropy, 0)
    checkInteger('progress', 'best.tokens', tokens)
  } catch (cause) {
    throw fileError('use', path, cause)
  }
}
