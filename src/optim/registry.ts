/** The registry of optimizers by setting name, from which settings, presets and help are derived. */
import { rangeError } from '../errors.ts'
import { AdaGrad } from './adagrad.ts'
import { Adam } from './adam.ts'
import { AdamW } from './adamw.ts'
import { Momentum } from './momentum.ts'
import { Nesterov } from './nesterov.ts'
import type { Optimizer } from './optimizer.ts'
import { RMSprop } from './rmsprop.ts'
import { SGD } from './sgd.ts'

export { AdaGrad, type AdaGradOptions } from './adagrad.ts'
export { Adam, type AdamOptions } from './adam.ts'
export { AdamW, type AdamWOptions } from './adamw.ts'
export { Momentum, type MomentumOptions } from './momentum.ts'
export { Nesterov } from './nesterov.ts'
export { RMSprop, type RMSpropOptions } from './rmsprop.ts'
export { SGD, type SGDOptions } from './sgd.ts'

interface OptimizerEntry {
  Class: new (lr?: number, options?: object) => Optimizer
  /** The job settings that the constructor takes as options of the same names. */
  settings: readonly string[]
  /** The default learning rate of a job, given a suitable rate for plain gradient descent. */
  defaultRate: (descentRate: number) => number
}

/** With momentum 0.9, steps are ten times as long. */
const MOMENTUM_GAIN = 10

export const OPTIMIZERS = {
  sgd: { Class: SGD, settings: ['weightDecay'], defaultRate: (descentRate) => descentRate },
  momentum: { Class: Momentum, settings: [], defaultRate: (descentRate) => descentRate / MOMENTUM_GAIN },
  nesterov: { Class: Nesterov, settings: [], defaultRate: (descentRate) => descentRate / MOMENTUM_GAIN },
  adagrad: { Class: AdaGrad, settings: [], defaultRate: () => 0.1 },
  rmsprop: { Class: RMSprop, settings: [], defaultRate: () => 0.001 },
  adam: { Class: Adam, settings: [], defaultRate: () => 0.001 },
  adamw: { Class: AdamW, settings: ['weightDecay'], defaultRate: () => 0.001 },
} as const satisfies Record<string, OptimizerEntry>

export type OptimizerName = keyof typeof OPTIMIZERS
export const OPTIMIZER_NAMES = Object.keys(OPTIMIZERS) as OptimizerName[]

/** The job settings that are options of at least one optimizer. */
type OptimizerSetting = (typeof OPTIMIZERS)[OptimizerName]['settings'][number]

/** The optimizers that have the given setting. */
export function optimizersWith(setting: OptimizerSetting): OptimizerName[] {
  return OPTIMIZER_NAMES.filter((name) => settingsOf(name).includes(setting))
}

/**
 * Creates the optimizer named by the settings of a job.
 * @throws {RangeError} if a setting belongs only to other optimizers
 */
export function createOptimizer(
  settings: { optimizer: OptimizerName; lr: number } & { [Name in OptimizerSetting]?: unknown },
): Optimizer {
  const { optimizer, lr } = settings
  const options: { [Name in OptimizerSetting]?: unknown } = {}
  for (const setting of new Set(OPTIMIZER_NAMES.flatMap(settingsOf))) {
    if (settings[setting] === undefined) continue
    const takers = optimizersWith(setting)
    if (!takers.includes(optimizer))
      throw rangeError('settings', setting, `the optimizer ${takers.join(' or ')} with it`, optimizer)
    options[setting] = settings[setting]
  }
  const { Class }: OptimizerEntry = OPTIMIZERS[optimizer]
  return new Class(lr, options)
}

function settingsOf(name: OptimizerName): readonly OptimizerSetting[] {
  return OPTIMIZERS[name].settings
}
