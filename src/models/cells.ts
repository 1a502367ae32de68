/**
 * The cells of recurrent layers: the one list that models, settings, presets, checkpoints and comparisons derive from.
 *
 * D is the size of a layer's input, H that of its output.
 */
import {
  type Bias,
  type FreezeLayer,
  freezeGRU,
  freezeLSTM,
  freezeRNN,
  TimeGRU,
  TimeLSTM,
  type TimeRecurrent,
  type TimeRecurrentOptions,
  TimeRNN,
  type Weights,
} from '../layers/index.ts'
import type { OptimizerName } from '../optim/index.ts'
import { type Random, type Shape, Tensor } from '../tensor/index.ts'
import { randomWeights } from './initial-values.ts'

interface CellParameter {
  name: string
  shape(D: number, H: number): Shape
  initial(shape: Shape, rng: Random): Tensor
}

/** Settings of a training job by their names. */
interface CellTraining {
  batchSize: number
  timeSize: number
  /** The learning rate of plain gradient descent. */
  lr: number
  lrDecay?: number
  maxGrad?: number
  maxEpoch: number
}

interface CellEntry {
  /** The name that tables show. */
  title: string
  /** The parameters of a layer in the order of its `params`. */
  parameters: readonly CellParameter[]
  /** Makes the layer of these parameters. */
  makeLayer(params: readonly Tensor[], options: TimeRecurrentOptions): TimeRecurrent
  /** Makes what a frozen model reads with, of the same parameters. */
  freeze: FreezeLayer
  /** The gates in the order of their columns in each parameter; a cell may have none. */
  gates: readonly string[]
  /** The sizes of the tensors of the state by their names, in order. */
  states: Readonly<Record<string, (D: number, H: number) => number>>
  /** The biases by which gates keep the state: the parameter they are in, and for each gate the sign that keeps more. */
  timeScales?: { parameter: string; signs: Readonly<Record<string, 1 | -1>> }
  /** The defaults of a training job. */
  training: CellTraining
  /** How a comparison of models trains it. */
  comparison: { optimizer: OptimizerName; lr: number; maxGrad: number }
}

type GatedLayer = new (
  Wx: Weights,
  Wh: Weights,
  b: Bias,
  options: TimeRecurrentOptions,
) => TimeRecurrent<[Weights, Weights, Bias]>

const randomMatrix = ([rows, columns]: Shape, rng: Random) => randomWeights(rows!, columns!, rng)
const zeros = (shape: Shape) => Tensor.fixed(shape)
const hiddenSize = (_: number, H: number) => H

/** A cell whose parameters are Wx, Wh and b, each with H columns a gate. */
function gatedCell(
  Layer: GatedLayer,
  ...gates: string[]
): Pick<CellEntry, 'parameters' | 'makeLayer' | 'gates'> {
  const G = gates.length
  return {
    gates,
    parameters: [
      { name: 'Wx', shape: (D, H) => [D, G * H], initial: randomMatrix },
      { name: 'Wh', shape: (_, H) => [H, G * H], initial: randomMatrix },
      { name: 'b', shape: (_, H) => [G * H], initial: zeros },
    ],
    makeLayer: ([Wx, Wh, b], options) => new Layer(Wx as Weights, Wh as Weights, b as Bias, options),
  }
}

export const CELLS = {
  rnn: {
    title: 'plain recurrent network',
    ...gatedCell(TimeRNN, 'h'),
    freeze: freezeRNN,
    states: { h: hiddenSize },
    /** The seed experiment ("Deep Learning from Scratch 2", ch. 5.5). */
    training: { batchSize: 10, timeSize: 5, lr: 0.1, lrDecay: 1, maxEpoch: 100 },
    comparison: { optimizer: 'sgd', lr: 2, maxGrad: 0.5 },
  },
  lstm: {
    title: 'LSTM',
    ...gatedCell(TimeLSTM, 'f', 'g', 'i', 'o'),
    freeze: freezeLSTM,
    states: { h: hiddenSize, c: hiddenSize },
    timeScales: { parameter: 'b', signs: { f: 1, i: -1 } },
    training: { batchSize: 20, timeSize: 35, lr: 20, maxGrad: 0.25, maxEpoch: 20 },
    comparison: { optimizer: 'sgd', lr: 10, maxGrad: 0.5 },
  },
  gru: {
    title: 'GRU',
    ...gatedCell(TimeGRU, 'z', 'r', 'h'),
    freeze: freezeGRU,
    states: { h: hiddenSize },
    timeScales: { parameter: 'b', signs: { z: -1 } },
    training: { batchSize: 20, timeSize: 35, lr: 10, maxGrad: 0.25, maxEpoch: 20 },
    comparison: { optimizer: 'sgd', lr: 10, maxGrad: 0.5 },
  },
} as const satisfies Record<string, CellEntry>

export type Cell = keyof typeof CELLS
export const CELL_NAMES = Object.keys(CELLS) as Cell[]

/** The entry of a cell, without what is special to it. */
export function cellOf(cell: Cell): CellEntry {
  return CELLS[cell]
}
