/** A trained model, from a checkpoint that `rnnlm train --out` wrote. */
import type { Vocabulary } from '../data/vocabulary.ts'
import { typeError } from '../errors.ts'
import { readCheckpoint, restoreModel } from '../interop/checkpoint.ts'
import type { LanguageModel } from '../models/index.ts'
import { checkpointAt } from './initial-model.ts'
import type { GivenSettings } from './settings.ts'

export interface LoadedModel {
  /** With zero states, and training off; `fit` turns it on while it trains. */
  model: LanguageModel
  vocabulary: Vocabulary
  /** Of the job that trained the model. */
  settings: GivenSettings
  /** The checkpoint's file. */
  path: string
}

/**
 * @param path of a checkpoint, or of the folder of a job: then of its best checkpoint, or of its last where it has no
 * best one
 * @throws an error that names the file, and why it cannot be used
 */
export function loadModel(path: string): LoadedModel {
  if (typeof path !== 'string') throw typeError('loadModel', 'path', 'the path of a file or folder', path)
  const file = checkpointAt(path)
  const checkpoint = readCheckpoint(file)
  const model = restoreModel(checkpoint)
  model.resetState()
  model.training = false
  return { model, vocabulary: checkpoint.vocabulary, settings: checkpoint.config.settings ?? {}, path: file }
}
