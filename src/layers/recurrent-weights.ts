/** The weights of recurrent layers: Wx [D, gates·H], Wh [H, gates·H], b [gates·H]. */

import { rangeError } from '../errors.ts'
import { checkTensor, checkTensorShape } from '../tensor/ops/operands.ts'
import type { Bias, Weights } from './layer.ts'

export type RecurrentWeights = [Wx: Weights, Wh: Weights, b: Bias]

export function checkRecurrentWeights(
  layer: string,
  [Wx, Wh, b]: RecurrentWeights,
  gates: number,
): RecurrentWeights {
  checkTensor(layer, 'Wx', Wx, 'float32')
  checkTensor(layer, 'Wh', Wh, 'float32')
  checkTensor(layer, 'b', b, 'float32')
  if (Wx.rank !== 2) throw rangeError(layer, 'Wx', 'a matrix (rank 2)', Wx.shape)
  if (Wh.rank !== 2) throw rangeError(layer, 'Wh', 'a matrix (rank 2)', Wh.shape)
  const columns = gates * Wh.shape[0]
  checkTensorShape(layer, 'Wh', Wh, [Wh.shape[0], columns])
  checkTensorShape(layer, 'Wx', Wx, [Wx.shape[0], columns])
  checkTensorShape(layer, 'b', b, [columns])
  return [Wx, Wh, b]
}
