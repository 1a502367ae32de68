/**
 * Checks a checkpoint before a model is created from it. It may come from an untrusted source: nothing is allocated for
 * its configuration until its header shows that the tensors exist.
 */
import { checkInteger } from '../checks.ts'
import { rangeError, show, typeError } from '../errors.ts'
import { type LanguageModelOptions, parameterShapes, stateSizes } from '../models/index.ts'
import type { DType, RandomState, Shape, Tensor } from '../tensor/index.ts'
import { equalShapes } from '../tensor/shape.ts'
import { ELEMENT_TYPES } from './element-types.ts'
import type { Entry } from './safetensors-header.ts'

const OPTIMIZER_SLOT = /^optimizer\.[^.]+\.(.+)$/
const STATE = /^state\.recurrent\.(\d+)\.(.+)$/

/**
 * Checks that a checkpoint contains each parameter of its model and otherwise only optimizer slots and states of that
 * model.
 */
export function checkEntries(entries: readonly Entry[], model: LanguageModelOptions): void {
  const byName = new Map(entries.map((entry) => [entry.name, entry]))
  const shapes = new Map<string, Shape>()
  for (const [name, shape] of parameterShapes(model)) {
    checkEntry(name, byName.get(name), shape)
    shapes.set(name, shape)
  }
  for (const { name } of entries) {
    if (shapes.has(name) || STATE.test(name)) continue
    const [, parameter = ''] = OPTIMIZER_SLOT.exec(name) ?? []
    const shape = shapes.get(parameter)
    if (!shape) throw new Error(`its model has no tensor ${show(name)}`)
    checkEntry(name, byName.get(name), shape)
  }
  checkStates(byName, model)
}

/** Checks that each layer has a complete state or none, and that all states have the same batch size. */
function checkStates(byName: ReadonlyMap<string, Entry>, model: LanguageModelOptions): void {
  const states = [...byName.values()].filter(({ name }) => STATE.test(name))
  const streams = states[0]?.shape[0] ?? 0
  const sizes = stateSizes(model)
  const found = new Set<number>()
  for (const { name } of states) {
    const layer = Number(STATE.exec(name)![1])
    if (!(layer < sizes.length)) throw new Error(`its model has no tensor ${show(name)}`)
    found.add(layer)
  }
  let expected = 0
  for (const layer of found) {
    for (const [state, size] of sizes[layer]!) {
      const name = `state.recurrent.${layer}.${state}`
      checkEntry(name, byName.get(name), [streams, size])
      expected++
    }
  }
  if (expected !== states.length)
    throw new Error(`its model has no such states as ${show(states.at(-1)!.name)}`)
}

function checkEntry(name: string, entry: Entry | undefined, shape: Shape): void {
  if (!entry) throw new Error(`expected a float32 tensor ${name}, got none`)
  const { dtype } = ELEMENT_TYPES[entry.dtype]
  if (dtype !== 'float32') throw new Error(`expected a float32 tensor ${name}, got ${dtype}`)
  if (!equalShapes(entry.shape, shape))
    throw new Error(`expected a tensor ${name} of shape ${show([...shape])}, got ${show([...entry.shape])}`)
}

/**
 * Checks that weights and states are finite; otherwise the model would predict NaN. A run never saves such values, so
 * the file comes from another program. Optimizer slots are not checked, since they may overflow in a healthy run.
 */
export function checkFinite(tensors: ReadonlyMap<string, Tensor<DType>>): void {
  for (const [name, { data, shape }] of tensors) {
    if (OPTIMIZER_SLOT.test(name)) continue
    for (let i = 0; i < data.length; i++) {
      if (!Number.isFinite(data[i]))
        throw new Error(
          `${name} has ${data[i]} at [${indexOf(i, shape).join(', ')}]: expected finite numbers`,
        )
    }
  }
}

/** The index of element `i` of a row-major tensor. */
function indexOf(i: number, shape: Shape): number[] {
  const index = new Array<number>(shape.length)
  let rest = i
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = rest % shape[axis]!
    rest = Math.floor(rest / shape[axis]!)
  }
  return index
}

/** The state of a random generator as JSON. */
export function readRandomState(rng: unknown): RandomState {
  const { seed, position } = (rng ?? {}) as { seed?: unknown; position?: unknown }
  if (typeof seed !== 'string' || !/^\d{1,20}$/.test(seed))
    throw typeError('progress', 'rng.seed', 'the digits of an integer in 0…2^64 − 1', seed)
  if (BigInt(seed) >= 2n ** 64n)
    throw rangeError('progress', 'rng.seed', 'the digits of an integer in 0…2^64 − 1', seed)
  return { seed: BigInt(seed), position: checkInteger('progress', 'rng.position', position, 0) }
}
