/**
 * Checkpoints: everything needed to resume training or use a model, in one safetensors file.
 *
 *     embedding.W, recurrent.0.Wx, …      parameters of the model by name
 *     optimizer.<slot>.<parameter>        optimizer state
 *     state.recurrent.0.h, …              hidden states at the beginning of the next block
 *     metadata                            format, version, and as JSON: config, vocabulary, progress
 */

import { checkInteger, checkOptions } from '../checks.ts'
import { Vocabulary } from '../data/vocabulary.ts'
import { rangeError, typeError } from '../errors.ts'
import { fileError } from '../files/file-error.ts'
import { LanguageModel, type LanguageModelOptions, type ModelState, stateSizes } from '../models/index.ts'
import type { Optimizer } from '../optim/index.ts'
import type { DType, RandomState, Tensor } from '../tensor/index.ts'
import { checkEntries, checkFinite, readRandomState } from './checkpoint-checks.ts'
import { readSafetensors } from './safetensors.ts'

const FORMAT = 'rnnlm'
const VERSION = 1

/** The metadata of a checkpoint. `Progress` and `Settings` are those of the job that wrote it. */
interface CheckpointNotes<Progress, Settings extends object> {
  config: { model: ModelConfig; settings?: Settings }
  vocabulary: Vocabulary
  progress: Progress
}

type ModelConfig = Omit<Required<LanguageModelOptions>, 'seed'>

/** The state of a random generator as JSON. */
interface RandomJson {
  seed: string
  position: number
}

interface RunState {
  rng: RandomJson
  optimizerSteps: number
}

export interface Checkpoint<Progress = unknown, Settings extends object = object>
  extends CheckpointNotes<Progress, Settings> {
  path: string
  tensors: ReadonlyMap<string, Tensor<DType>>
  rng: RandomState
  optimizerSteps: number
}

/** The live tensors of a run: parameters and optimizer state, plus copies of the hidden states. */
export function checkpointTensors(model: LanguageModel, optimizer: Optimizer): Map<string, Tensor<DType>> {
  const tensors = new Map<string, Tensor<DType>>(model.namedParams())
  const names = [...tensors.keys()]
  for (const [slot, ofParams] of optimizer.state?.slots ?? []) {
    ofParams.forEach((tensor, i) => {
      tensors.set(`optimizer.${slot}.${names[i]}`, tensor)
    })
  }
  const sizes = stateSizes(model.options)
  model.saveState().forEach((state, layer) => {
    state?.forEach((tensor, i) => {
      tensors.set(`state.recurrent.${layer}.${sizes[layer]![i]![0]}`, tensor)
    })
  })
  return tensors
}

/** The metadata of the checkpoint of a run. */
export function checkpointMetadata(
  model: LanguageModel,
  optimizer: Pick<Optimizer, 'state'>,
  notes: { vocabulary: Vocabulary; progress: object; settings?: object },
): Record<string, string> {
  const { seed: _, ...config } = model.options
  const { seed, position } = model.rng.state
  const run: RunState = {
    rng: { seed: String(seed), position },
    optimizerSteps: optimizer.state?.steps ?? 0,
  }
  return {
    format: FORMAT,
    version: String(VERSION),
    config: JSON.stringify({ model: config, settings: notes.settings }),
    vocabulary: JSON.stringify(notes.vocabulary),
    progress: JSON.stringify({ ...notes.progress, ...run }),
  }
}

/**
 * Reads a checkpoint. Its header is checked against its configuration before any tensor is allocated.
 * @throws an error that names the file and what is wrong with it, including NaN or infinite weights or states
 */
export function readCheckpoint<Progress = unknown, Settings extends object = object>(
  path: string,
): Checkpoint<Progress, Settings> {
  try {
    let notes!: Notes<Progress, Settings>
    const { tensors } = readSafetensors(path, ({ metadata, entries }) => {
      notes = readNotes<Progress, Settings>(metadata)
      checkEntries(entries, notes.config.model)
    })
    checkFinite(tensors)
    return { path, tensors, ...notes }
  } catch (cause) {
    throw fileError('read', path, cause)
  }
}

type Notes<Progress, Settings extends object> = Omit<Checkpoint<Progress, Settings>, 'path' | 'tensors'>

function readNotes<Progress, Settings extends object>(
  metadata: Record<string, string>,
): Notes<Progress, Settings> {
  checkFormat(metadata)
  const config = parse(metadata, 'config') as CheckpointNotes<Progress, Settings>['config']
  const { model, settings } = config
  checkOptions('config.model', model)
  if (settings !== undefined) checkOptions('config.settings', settings)
  const vocabulary = Vocabulary.fromJSON(parse(metadata, 'vocabulary'))
  checkInteger('config.model', 'vocabSize', model.vocabSize)
  if (vocabulary.size !== model.vocabSize)
    throw rangeError('vocabulary', 'words', `${model.vocabSize}, as the model's vocabSize`, vocabulary.size)
  const progress = parse(metadata, 'progress') as Progress & RunState
  const optimizerSteps = checkInteger('progress', 'optimizerSteps', progress.optimizerSteps, 0)
  return { config, vocabulary, progress, rng: readRandomState(progress.rng), optimizerSteps }
}

function checkFormat({ format, version }: Record<string, string>): void {
  if (format !== FORMAT) throw new Error('it is a safetensors file, but no checkpoint of rnnlm')
  if (!(Number(version) <= VERSION)) {
    throw new Error(`it was written by a newer rnnlm (version ${version}, expected ${VERSION}); update rnnlm`)
  }
}

function parse(metadata: Record<string, string>, name: string): object {
  let value: object
  try {
    value = JSON.parse(metadata[name] ?? '')
  } catch {
    throw typeError('metadata', name, 'JSON', metadata[name])
  }
  return checkOptions(`metadata.${name}`, value)
}

/** Restores the model of a checkpoint: parameters, hidden states and random generator. */
export function restoreModel(checkpoint: Checkpoint): LanguageModel {
  const { path, config, rng } = checkpoint
  try {
    const model = new LanguageModel({ ...config.model, seed: rng.seed })
    restoreParams(checkpoint, model.namedParams())
    model.rng.restore(rng)
    const states = stateSizes(model.options).map((sizes, layer): ModelState[number] => {
      const state = sizes.map(([name]) => checkpoint.tensors.get(`state.recurrent.${layer}.${name}`))
      return state.includes(undefined) ? null : (state as Tensor[])
    })
    model.restoreState(states)
    return model
  } catch (cause) {
    throw fileError('use', path, cause)
  }
}

/** Copies the parameters of a checkpoint to tensors of the same names. */
export function restoreParams(checkpoint: Checkpoint, params: ReadonlyMap<string, Tensor>): void {
  try {
    for (const [name, param] of params) param.copyFrom(tensorOf(checkpoint, name))
  } catch (cause) {
    throw fileError('use', checkpoint.path, cause)
  }
}

/** Restores the optimizer state of a checkpoint. */
export function restoreOptimizer(checkpoint: Checkpoint, model: LanguageModel, optimizer: Optimizer): void {
  if (!optimizer.restoreState) return
  const names = [...model.namedParams().keys()]
  try {
    const slots = new Map<string, Tensor[]>()
    for (const name of checkpoint.tensors.keys()) {
      const [, slot] = /^optimizer\.([^.]+)\./.exec(name) ?? []
      if (slot === undefined || slots.has(slot)) continue
      const ofParams = names.map((param) => tensorOf(checkpoint, `optimizer.${slot}.${param}`))
      slots.set(slot, ofParams)
    }
    optimizer.restoreState(model.params, { steps: checkpoint.optimizerSteps, slots })
  } catch (cause) {
    throw fileError('use', checkpoint.path, cause)
  }
}

function tensorOf({ tensors }: Checkpoint, name: string): Tensor {
  const tensor = tensors.get(name)
  if (tensor?.dtype !== 'float32')
    throw new Error(`expected a float32 tensor ${name}, got ${tensor ? tensor.dtype : 'none'}`)
  return tensor as Tensor
}
