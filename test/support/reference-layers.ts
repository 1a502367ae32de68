/**
 * The layers once more, in float64 and as plain as can be: one loop per index of the equation, nothing shared with the
 * package. A block is indexed [n][t][column], a matrix [row][column].
 */
import { hashedNormal } from './hashed-normal.ts'

export type Vector = number[]
export type Matrix = number[][]
export type Block = number[][][]
export type Ids = number[][]

export interface RecurrentWeights {
  Wx: Matrix
  Wh: Matrix
  b: Vector
}

export interface RecurrentGradients {
  dWx: Matrix
  dWh: Matrix
  db: Vector
}

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

function zeroBlock(N: number, T: number, columns: number): Block {
  return Array.from({ length: N }, () => zeroMatrix(T, columns))
}

/** hNext = tanh(x·Wx + hPrev·Wh + b) */
export function rnnForward(x: Matrix, hPrev: Matrix, { Wx, Wh, b }: RecurrentWeights): Matrix {
  const [N, D, H] = [x.length, Wx.length, b.length]
  const hNext = zeroMatrix(N, H)
  for (let n = 0; n < N; n++) {
    for (let j = 0; j < H; j++) {
      let a = b[j]!
      for (let d = 0; d < D; d++) a += x[n]![d]! * Wx[d]![j]!
      for (let k = 0; k < H; k++) a += hPrev[n]![k]! * Wh[k]![j]!
      hNext[n]![j] = Math.tanh(a)
    }
  }
  return hNext
}

/** Through tanh: da = dhNext · (1 − hNext²); from there to everything that a is a sum of. */
export function rnnBackward(
  x: Matrix,
  hPrev: Matrix,
  { Wx, Wh, b }: RecurrentWeights,
  hNext: Matrix,
  dhNext: Matrix,
): { dx: Matrix; dhPrev: Matrix } & RecurrentGradients {
  const [N, D, H] = [x.length, Wx.length, b.length]
  const dx = zeroMatrix(N, D)
  const dhPrev = zeroMatrix(N, H)
  const dWx = zeroMatrix(D, H)
  const dWh = zeroMatrix(H, H)
  const db = zeroVector(H)
  for (let n = 0; n < N; n++) {
    for (let j = 0; j < H; j++) {
      const da = dhNext[n]![j]! * (1 - hNext[n]![j]! ** 2)
      db[j]! += da
      for (let d = 0; d < D; d++) {
        dWx[d]![j]! += x[n]![d]! * da
        dx[n]![d]! += da * Wx[d]![j]!
      }
      for (let k = 0; k < H; k++) {
        dWh[k]![j]! += hPrev[n]![k]! * da
        dhPrev[n]![k]! += da * Wh[k]![j]!
      }
    }
  }
  return { dx, dhPrev, dWx, dWh, db }
}

function stepOf(block: Block, t: number): Matrix {
  return block.map((steps) => steps[t]!)
}

/** hs[:, t] = rnn(xs[:, t], hs[:, t − 1]), where hs[:, −1] is h0. */
export function timeRnnForward(xs: Block, h0: Matrix, weights: RecurrentWeights): Block {
  const [N, T] = [xs.length, xs[0]!.length]
  const hs = zeroBlock(N, T, 0)
  let h = h0
  for (let t = 0; t < T; t++) {
    h = rnnForward(stepOf(xs, t), h, weights)
    for (let n = 0; n < N; n++) hs[n]![t] = h[n]!
  }
  return hs
}

/** From the last step to the first: a step's state has a gradient from above and one from the step after it. */
export function timeRnnBackward(
  xs: Block,
  h0: Matrix,
  weights: RecurrentWeights,
  hs: Block,
  dhs: Block,
): { dxs: Block; dh0: Matrix } & RecurrentGradients {
  const [N, T, D, H] = [xs.length, xs[0]!.length, weights.Wx.length, weights.b.length]
  const dxs = zeroBlock(N, T, 0)
  const total = { dWx: zeroMatrix(D, H), dWh: zeroMatrix(H, H), db: zeroVector(H) }
  let dh = zeroMatrix(N, H)
  for (let t = T - 1; t >= 0; t--) {
    const dhNext = addMatrices(stepOf(dhs, t), dh)
    const hPrev = t === 0 ? h0 : stepOf(hs, t - 1)
    const step = rnnBackward(stepOf(xs, t), hPrev, weights, stepOf(hs, t), dhNext)
    total.dWx = addMatrices(total.dWx, step.dWx)
    total.dWh = addMatrices(total.dWh, step.dWh)
    total.db = total.db.map((value, j) => value + step.db[j]!)
    for (let n = 0; n < N; n++) dxs[n]![t] = step.dx[n]!
    dh = step.dhPrev
  }
  return { dxs, dh0: dh, ...total }
}

function addMatrices(a: Matrix, b: Matrix): Matrix {
  return a.map((row, i) => row.map((value, j) => value + b[i]![j]!))
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
