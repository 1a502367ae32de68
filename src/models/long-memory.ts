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
import type { Cell, LanguageModel } from './language-model.ts'

/** The gates among a cell's biases, [place · H, (place + 1) · H), by the sign with which they keep the state. */
const GATES: Record<Cell, readonly { place: number; sign: number }[]> = {
  rnn: [],
  lstm: [
    { place: 0, sign: 1 },
    { place: 2, sign: -1 },
  ],
  gru: [{ place: 0, sign: -1 }],
}

/** Sets the biases of the gates of a new model; a plain recurrent network has none. */
export function rememberFor(model: LanguageModel, steps: number): void {
  checkInteger('rememberFor', 'steps', steps, 2)
  const { cell, hiddenSize: H, layers } = model.options
  const params = model.namedParams()
  for (let layer = 0; layer < layers; layer++) {
    const bias = params.get(`recurrent.${layer}.b`)!
    for (const { place, sign } of GATES[cell]) {
      for (let i = 0; i < H; i++) bias.set(sign * Math.log(1 + ((i + 0.5) / H) * (steps - 1)), place * H + i)
    }
  }
}
