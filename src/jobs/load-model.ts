/** Loads a trained model from a checkpoint. */
import type { Vocabulary } from '../data/vocabulary.ts'
import { typeError } from '../errors.ts'
import { readCheckpoint, restoreModel } from '../interop/checkpoint.ts'
import type { LanguageModel } from '../models/index.ts'
import { checkpointAt } from './initial-model.ts'
import type { GivenSettings } from './settings.ts'

export interface LoadedModel {
  /** The model, with zero states and training mode off; `fit` turns it on while it trains. */
  model: LanguageModel
  vocabulary: Vocabulary
  /** The settings of the job that trained the model. */
  settings: GivenSettings
  /** The path of the checkpoint. */
  path: string
}

/**
 * Loads a model and its vocabulary.
 * @param path a checkpoint, or a job folder: its best checkpoint is loaded, or its last one if there is no best one
 * @throws an error that names the file and the reason why it cannot be used
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
