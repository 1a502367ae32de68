/**
 * Initial values that let gated cells learn to remember over many steps.
 *
 * Gates that start half open forget half of the state at every step, and the gradient of an input k steps back shrinks
 * as 2^−k. If each unit starts with a different time scale u from 1 to `steps` (Tallec and Ollivier, "Can recurrent
 * neural networks warp time?", ICLR 2018, section 3), some units keep their content from the start:
 *
 *     LSTM: b_f = ln u, b_i = −ln u        GRU: b_z = −ln u
 */
import { checkInteger } from '../checks.ts'
import { cellOf } from './cells.ts'
import type { LanguageModel } from './language-model.ts'

/** Sets the gate biases of a new model. Cells without such gates are not changed. */
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
