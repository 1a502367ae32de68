/**
 * Initial values with which gated cells learn to remember over many steps.
 *
 * Gates that begin half open forget half of the state at every step, and the gradient of what was said k steps before
 * shrinks as 2^−k. Begun with time scales u from 1 to `steps`, each unit at another (Tallec and Ollivier, "Can recurrent
 * neural networks warp time?", ICLR 2018, section 3), some units keep what they read from the start:
 *
 *     LSTM: b_f = ln u, b_i = −ln u        GRU: b_z = −ln u
 */
import { checkInteger } from '../checks.ts'
import { cellOf } from './cells.ts'
import type { LanguageModel } from './language-model.ts'

/** Sets the biases of the gates of a new model; a cell whose gates keep nothing is left as it is. */
export function setTimeScales(model: LanguageModel, steps: number): void {
  checkInteger('setTimeScales', 'steps', steps, 2)
  const { cell, hiddenSize: H, layers } = model.options
  const { gates, timeScales } = cellOf(cell)
  if (!timeScales) return
  const params = model.namedParams()
  for (let layer = 0; layer < layers; layer++) {
    const bias = params.get(`recurrent.${layer}.${timeScales.parameter}`)!
    for (const [gate, sign] of Object.entries(timeScales.signs)) {
      const place = gates.indexOf(gate) * H
      for (let i = 0; i < H; i++) bias.set(sign * Math.log(1 + ((i + 0.5) / H) * (steps - 1)), place + i)
    }
  }
}
