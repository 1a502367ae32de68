/** The window models once more, in float64 and as plain as can be; a text is one stream, and windows are looked up in it. */
import type { Block, Ids, Matrix, Vector } from './reference-layers.ts'
import { timeAffineForward } from './reference-layers.ts'

/** For each place of `ids`, the n tokens up to it; `start` where there is none. */
export function windowsOf(ids: Ids, n: number, start: number): number[][][] {
  return ids.map((row) => row.map((_, t) => Array.from({ length: n }, (_, j) => row[t - n + 1 + j] ?? start)))
}

interface CbowWeights {
  embedding: Matrix
  W: Matrix
  b: Vector
}

export function cbowScores({ embedding, W, b }: CbowWeights, windows: number[][][]): Block {
  const means = windows.map((row) =>
    row.map((window) =>
      embedding[0]!.map((_, d) => window.reduce((sum, id) => sum + embedding[id]![d]!, 0) / window.length),
    ),
  )
  return timeAffineForward(means, W, b)
}

interface NeuralWeights extends CbowWeights {
  hiddenW: Matrix
  hiddenB: Vector
}

export function neuralScores(weights: NeuralWeights, windows: number[][][]): Block {
  const { embedding, hiddenW, hiddenB, W, b } = weights
  const inputs = windows.map((row) => row.map((window) => window.flatMap((id) => embedding[id]!)))
  const hidden = timeAffineForward(inputs, hiddenW, hiddenB).map((row) => row.map((h) => h.map(Math.tanh)))
  return timeAffineForward(hidden, W, b)
}
