/**
 * A job that starts from the weights of a trained model, on a text whose vocabulary may be larger.
 *
 * Old words keep their ids and weights. A new word starts as the mean of the old ones: of their word vectors, and of their
 * weights and biases in the affine layer. Its score is then the mean of the old scores, and exp of a mean is at most the
 * mean of exp; so with k new words beside V old ones, the probability of an old word falls by a factor of at most
 * 1 + k/V, and the order of the old words stays.
 */
import { statSync } from 'node:fs'
import { rangeError } from '../errors.ts'
import { fileError } from '../files/file-error.ts'
import { type Checkpoint, readCheckpoint, restoreModel } from '../interop/checkpoint.ts'
import { FIXED_MODEL_SETTINGS, LanguageModel, modelSettingsOf } from '../models/index.ts'
import { scale, sum, type Tensor } from '../tensor/index.ts'
import { checkpointIn } from './job-folder.ts'
import { resolveSettings } from './presets.ts'
import {
  checkSettings,
  type GivenSettings,
  type JobSettings,
  RECIPE_SETTINGS,
  TEXT_SETTINGS,
} from './settings.ts'

/** Of a checkpoint, or of the folder of a job: its best checkpoint, or its last if it has no best one. */
export function checkpointAt(path: string): string {
  try {
    return statSync(path).isDirectory() ? checkpointIn(path) : path
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === undefined) throw cause
    throw fileError('read', path, cause)
  }
}

/**
 * The settings of a job that starts from the model at `given.initFrom`. What is not given is as in the job that trained
 * it, but for its texts if another is given; the way to train is that of the optimizer if another is given.
 * @throws an error that names a setting that differs from the model's, and both values
 */
export function initialSettings(given: GivenSettings & { initFrom: string }): JobSettings {
  const checked = checkSettings(given)
  const path = checkpointAt(given.initFrom)
  const { config, vocabulary } = readCheckpoint<unknown, JobSettings>(path)
  const of = (names: readonly string[]) => (name: string) => names.includes(name)
  const before = Object.entries({ ...config.settings, initFrom: undefined }).filter(
    ([name]) =>
      !(checked.data !== undefined && of(TEXT_SETTINGS)(name)) &&
      !(
        (checked.optimizer ?? config.settings?.optimizer) !== config.settings?.optimizer &&
        of(RECIPE_SETTINGS)(name)
      ),
  )
  const { vocabSize: _, ...model } = config.model
  const fixed = { ...model, unit: vocabulary.unit }
  for (const name of [...FIXED_MODEL_SETTINGS, 'unit'] as const) {
    if (checked[name] !== undefined && checked[name] !== fixed[name])
      throw rangeError('initFrom', name, `${fixed[name]}, as in ${path}`, checked[name])
  }
  return resolveSettings({ ...(Object.fromEntries(before) as GivenSettings), ...fixed, ...checked })
}

/** Reads the checkpoint that a job with these settings starts from. */
export function readInitial(settings: Partial<JobSettings>): Checkpoint | undefined {
  return settings.initFrom === undefined ? undefined : readCheckpoint(checkpointAt(settings.initFrom))
}

/** The model of a checkpoint for a vocabulary that begins with the checkpoint's. */
export function grownModel(checkpoint: Checkpoint, settings: JobSettings, vocabSize: number): LanguageModel {
  const old = restoreModel(checkpoint)
  for (const name of FIXED_MODEL_SETTINGS) {
    if (settings[name] !== old.options[name])
      throw rangeError('initFrom', name, `${old.options[name]}, as in ${checkpoint.path}`, settings[name])
  }
  const model = new LanguageModel({ ...modelSettingsOf(settings), vocabSize, seed: settings.seed })
  const params = old.namedParams()
  for (const [name, param] of model.namedParams()) copyGrown(param, params.get(name)!)
  return model
}

/** Copies what is there; along the axis that is longer now, the rest is the mean. */
function copyGrown(param: Tensor, old: Tensor): void {
  const axis = param.shape.findIndex((size, i) => size !== old.shape[i])
  if (axis < 0) {
    param.copyFrom(old)
    return
  }
  const [before, after] = [old.shape[axis]!, param.shape[axis]!]
  param.slice(axis, 0, before).copyFrom(old)
  const total = sum(old, axis) as Tensor
  const mean = scale(total, 1 / before)
  for (let id = before; id < after; id++) {
    if (param.rank === 1) param.set(mean.item(), id)
    else param.select(axis, id).copyFrom(mean)
  }
}
