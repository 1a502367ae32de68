/**
 * RNN, LSTM and GRU seen alike, so that what they share is tested once: a state is a list of tensors [N, H], h and the
 * LSTM's c behind it.
 */
import {
  type Batch2,
  type Batch3,
  type Bias,
  GRU,
  LSTM,
  RNN,
  TimeGRU,
  TimeLSTM,
  type TimeRecurrentOptions,
  TimeRNN,
  type Weights,
} from '../../src/layers/index.ts'
import { Tensor } from '../../src/tensor/index.ts'
import { normalBlock, normalMatrix } from './reference-layers.ts'
import {
  gruCell,
  lstmCell,
  type RecurrentWeights,
  recurrentWeights,
  rnnCell,
  type State,
} from './reference-recurrent.ts'

type StepLayer = RNN | LSTM | GRU
export type TimeLayer = TimeRNN | TimeLSTM | TimeGRU

/** `gates`: columns of weights a hidden unit has; `states`: tensors of a state. */
export const RECURRENT_KINDS = [
  { name: 'RNN', Step: RNN, Time: TimeRNN, cell: rnnCell, gates: 1, states: 1 },
  { name: 'LSTM', Step: LSTM, Time: TimeLSTM, cell: lstmCell, gates: 4, states: 2 },
  { name: 'GRU', Step: GRU, Time: TimeGRU, cell: gruCell, gates: 3, states: 1 },
] as const
export type RecurrentKind = (typeof RECURRENT_KINDS)[number]

export function tensorsOf({ Wx, Wh, b }: RecurrentWeights): [Wx: Weights, Wh: Weights, b: Bias] {
  return [Tensor.from(Wx) as Weights, Tensor.from(Wh) as Weights, Tensor.from(b) as Bias]
}

export function timeLayerOf(
  { Time, gates }: RecurrentKind,
  D: number,
  H: number,
  options: TimeRecurrentOptions = { stateful: true },
): TimeLayer {
  return new Time(...tensorsOf(recurrentWeights(D, H, gates)), options)
}

/** A matrix of draws for each tensor of a state. */
export function normalState({ states }: RecurrentKind, N: number, H: number, stream = 5): State {
  return Array.from({ length: states }, (_, i) => normalMatrix(N, H, 10 * stream + i))
}

export function asTensors(state: State): Batch2[] {
  return state.map((matrix) => Tensor.from(matrix) as Batch2)
}

export function blockOf(N: number, T: number, columns: number, stream: number): Batch3 {
  return Tensor.from(normalBlock(N, T, columns, stream)) as Batch3
}

export function stepForward(layer: StepLayer, x: Batch2, [h, c]: readonly Batch2[]): Batch2[] {
  return layer instanceof LSTM ? layer.forward(x, h!, c!) : [layer.forward(x, h!)]
}

export function stepBackward(
  layer: StepLayer,
  [dh, dc]: readonly Batch2[],
): [dx: Batch2, ...dState: Batch2[]] {
  return layer instanceof LSTM ? layer.backward(dh!, dc!) : layer.backward(dh!)
}

export function setState(layer: TimeLayer, [h, c]: readonly Batch2[]): void {
  if (layer instanceof TimeLSTM) layer.setState(h!, c)
  else layer.setState(h!)
}

/** The tensors of the state; nulls before the first block. */
export function stateOf(layer: TimeLayer): (Batch2 | null)[] {
  return layer instanceof TimeLSTM ? [layer.h, layer.c] : [layer.h]
}

/** Their gradients; nulls before the first backward. */
export function stateGradientOf(layer: TimeLayer): (Batch2 | null)[] {
  return layer instanceof TimeLSTM ? [layer.dh, layer.dc] : [layer.dh]
}
