/**
 * Creates the model of a job that starts from trained weights. The vocabulary of its text may be larger.
 *
 * Known words keep their ids and weights. The weights of a new word are the mean of those of the known words: word
 * vector, affine weights and bias. Its score is therefore the mean of the known scores, and exp of a mean is at most
 * the mean of exp. With k new words and V known ones, the probability of a known word falls by a factor of at most 1 +
 * k/V, and the ranking of known words does not change.
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

/**
 * The path of a checkpoint: that of the best checkpoint of a job folder, or of its last one if there is no best one.
 */
export function checkpointAt(path: string): string {
  try {
    return statSync(path).isDirectory() ? checkpointIn(path) : path
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === undefined) throw cause
    throw fileError('read', path, cause)
  }
}

/**
 * The settings of a job that starts from the model at `given.initFrom`. Settings default to those of the job that
 * trained the model, except those of its texts if another text is given. If another optimizer is given, training
 * settings default to those of the optimizer.
 * @throws an error that names a setting that conflicts with the model, and both values
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

/** Reads the checkpoint from which a job with these settings starts. */
export function readInitial(settings: Partial<JobSettings>): Checkpoint | undefined {
  return settings.initFrom === undefined ? undefined : readCheckpoint(checkpointAt(settings.initFrom))
}

/** The model of a checkpoint, extended to a vocabulary that begins with that of the checkpoint. */
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

/** Copies the existing part; along the extended axis, new entries are the mean. */
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
