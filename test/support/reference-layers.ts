/**
 * The layers once more, in float64 and as plain as can be: one loop per index of the equation, nothing shared with the
 * package. A block is indexed [n][t][column], a matrix [row][column]. The recurrent ones are in reference-recurrent.ts.
 */
import { hashedNormal } from './hashed-normal.ts'

export type Vector = number[]
export type Matrix = number[][]
export type Block = number[][][]
export type Ids = number[][]

/** Normal draws that float32 holds exactly, so that a layer and its reference start from the same numbers. */
export function normalVector(size: number, stream: number): Vector {
  return Array.from(hashedNormal(size, stream), Math.fround)
}

export function normalMatrix(rows: number, columns: number, stream: number): Matrix {
  const values = normalVector(rows * columns, stream)
  return Array.from({ length: rows }, (_, row) => values.slice(row * columns, (row + 1) * columns))
}

export function normalBlock(N: number, T: number, columns: number, stream: number): Block {
  const rows = normalMatrix(N * T, columns, stream)
  return Array.from({ length: N }, (_, n) => rows.slice(n * T, (n + 1) * T))
}

export function zeroVector(size: number): Vector {
  return new Array<number>(size).fill(0)
}

export function zeroMatrix(rows: number, columns: number): Matrix {
  return Array.from({ length: rows }, () => zeroVector(columns))
}

export function zeroBlock(N: number, T: number, columns: number): Block {
  return Array.from({ length: N }, () => zeroMatrix(T, columns))
}

/** out[n][t] = W[ids[n][t]] */
export function timeEmbeddingForward(W: Matrix, ids: Ids): Block {
  return ids.map((row) => row.map((id) => [...W[id]!]))
}

/** dW[id] = Σ dout[n][t] over the places where id occurs. */
export function timeEmbeddingBackward(V: number, ids: Ids, dout: Block): Matrix {
  const dW = zeroMatrix(V, dout[0]![0]!.length)
  ids.forEach((row, n) => {
    row.forEach((id, t) => {
      dout[n]![t]!.forEach((value, d) => {
        dW[id]![d]! += value
      })
    })
  })
  return dW
}

/** out[n][t][v] = b[v] + Σ xs[n][t][h] · W[h][v] */
export function timeAffineForward(xs: Block, W: Matrix, b: Vector): Block {
  return xs.map((steps) =>
    steps.map((x) =>
      b.map((bias, v) => {
        let sum = bias
        for (let h = 0; h < W.length; h++) sum += x[h]! * W[h]![v]!
        return sum
      }),
    ),
  )
}

export function timeAffineBackward(
  xs: Block,
  W: Matrix,
  dout: Block,
): { dxs: Block; dW: Matrix; db: Vector } {
  const [N, T, H, V] = [xs.length, xs[0]!.length, W.length, W[0]!.length]
  const dxs = zeroBlock(N, T, H)
  const dW = zeroMatrix(H, V)
  const db = zeroVector(V)
  for (let n = 0; n < N; n++) {
    for (let t = 0; t < T; t++) {
      for (let v = 0; v < V; v++) {
        const d = dout[n]![t]![v]!
        db[v]! += d
        for (let h = 0; h < H; h++) {
          dW[h]![v]! += xs[n]![t]![h]! * d
          dxs[n]![t]![h]! += d * W[h]![v]!
        }
      }
    }
  }
  return { dxs, dW, db }
}

function softmax(scores: Vector): Vector {
  const largest = Math.max(...scores)
  const exponentials = scores.map((score) => Math.exp(score - largest))
  const sum = exponentials.reduce((total, value) => total + value)
  return exponentials.map((value) => value / sum)
}

/** The mean of −log softmax(xs[n][t])[ts[n][t]] over the targets that are not `ignoreLabel`. */
export function timeSoftmaxWithLossForward(xs: Block, ts: Ids, ignoreLabel = -1): number {
  let loss = 0
  let count = 0
  ts.forEach((row, n) => {
    row.forEach((target, t) => {
      if (target === ignoreLabel) return
      loss -= Math.log(softmax(xs[n]![t]!)[target]!)
      count++
    })
  })
  return loss / count
}

/** dxs[n][t] = dout / count · (softmax(xs[n][t]) − one-hot(ts[n][t])), 0 where the target does not count. */
export function timeSoftmaxWithLossBackward(xs: Block, ts: Ids, dout = 1, ignoreLabel = -1): Block {
  const count = ts.flat().filter((target) => target !== ignoreLabel).length
  return xs.map((steps, n) =>
    steps.map((scores, t) => {
      const target = ts[n]![t]!
      if (target === ignoreLabel) return scores.map(() => 0)
      return softmax(scores).map((p, v) => (dout / count) * (p - (v === target ? 1 : 0)))
    }),
  )
}
