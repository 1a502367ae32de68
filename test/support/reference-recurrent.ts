/**
 * The recurrent cells once more, in float64 and as plain as can be (see reference-layers.ts). A state is a list of
 * matrices [N, H]: h, and the LSTM's c behind it. The way back computes what it needs of the way there again.
 */
import {
  type Block,
  type Matrix,
  normalMatrix,
  normalVector,
  type Vector,
  zeroBlock,
  zeroMatrix,
  zeroVector,
} from './reference-layers.ts'

export type State = Matrix[]

export interface RecurrentWeights {
  Wx: Matrix
  Wh: Matrix
  b: Vector
}

interface RecurrentGradients {
  dWx: Matrix
  dWh: Matrix
  db: Vector
}

interface ReferenceCell {
  forward(x: Matrix, state: State, weights: RecurrentWeights): State
  backward(
    x: Matrix,
    state: State,
    weights: RecurrentWeights,
    dNext: State,
  ): { dx: Matrix; dState: State } & RecurrentGradients
}

/** Draws of a size that keeps tanh and sigmoid away from their flat ends, where there would be little to see. */
export function recurrentWeights(D: number, H: number, gates: number): RecurrentWeights {
  const shrink = (matrix: Matrix) =>
    matrix.map((row) => row.map((value) => Math.fround(value / Math.sqrt(matrix.length))))
  return {
    Wx: shrink(normalMatrix(D, gates * H, 1)),
    Wh: shrink(normalMatrix(H, gates * H, 2)),
    b: normalVector(gates * H, 3),
  }
}

function sigmoid(a: number): number {
  return 1 / (1 + Math.exp(-a))
}

/** One row's b + x·Wx + h·Wh at a column: what goes through tanh or sigmoid. */
function sumAt(column: number, x: Vector, h: Vector, { Wx, Wh, b }: RecurrentWeights): number {
  let a = b[column]!
  for (let d = 0; d < x.length; d++) a += x[d]! * Wx[d]![column]!
  for (let k = 0; k < h.length; k++) a += h[k]! * Wh[k]![column]!
  return a
}

function zeroGradients(N: number, { Wx, Wh, b }: RecurrentWeights) {
  return {
    dx: zeroMatrix(N, Wx.length),
    dWx: zeroMatrix(Wx.length, b.length),
    dWh: zeroMatrix(Wh.length, b.length),
    db: zeroVector(b.length),
  }
}

/** From the gradient `da` of that sum to everything that it is a sum of; `dx` and `dh` are the gradients of its row. */
function backThroughSum(
  da: number,
  column: number,
  x: Vector,
  h: Vector,
  { Wx, Wh }: RecurrentWeights,
  dx: Vector,
  dh: Vector,
  { dWx, dWh, db }: RecurrentGradients,
): void {
  db[column]! += da
  for (let d = 0; d < x.length; d++) {
    dWx[d]![column]! += x[d]! * da
    dx[d]! += da * Wx[d]![column]!
  }
  for (let k = 0; k < h.length; k++) {
    dWh[k]![column]! += h[k]! * da
    dh[k]! += da * Wh[k]![column]!
  }
}

/** hNext = tanh(x·Wx + hPrev·Wh + b) */
export const rnnCell: ReferenceCell = {
  forward(x, [h], weights) {
    return [h!.map((row, n) => row.map((_, j) => Math.tanh(sumAt(j, x[n]!, row, weights))))]
  },

  backward(x, [h], weights, [dhNext]) {
    const gradients = zeroGradients(x.length, weights)
    const dh = zeroMatrix(x.length, weights.Wh.length)
    h!.forEach((row, n) => {
      for (let j = 0; j < row.length; j++) {
        const da = dhNext![n]![j]! * (1 - Math.tanh(sumAt(j, x[n]!, row, weights)) ** 2)
        backThroughSum(da, j, x[n]!, row, weights, gradients.dx[n]!, dh[n]!, gradients)
      }
    })
    return { ...gradients, dState: [dh] }
  },
}

function lstmGates(j: number, x: Vector, h: Vector, weights: RecurrentWeights) {
  const H = h.length
  return {
    f: sigmoid(sumAt(j, x, h, weights)),
    g: Math.tanh(sumAt(H + j, x, h, weights)),
    i: sigmoid(sumAt(2 * H + j, x, h, weights)),
    o: sigmoid(sumAt(3 * H + j, x, h, weights)),
  }
}

/** c = f · cPrev + g · i, h = o · tanh(c); the gates' columns stand in the order f, g, i, o. */
export const lstmCell: ReferenceCell = {
  forward(x, [h, c], weights) {
    const [N, H] = [x.length, weights.Wh.length]
    const next = [zeroMatrix(N, H), zeroMatrix(N, H)]
    for (let n = 0; n < N; n++) {
      for (let j = 0; j < H; j++) {
        const { f, g, i, o } = lstmGates(j, x[n]!, h![n]!, weights)
        const cNext = f * c![n]![j]! + g * i
        next[0]![n]![j] = o * Math.tanh(cNext)
        next[1]![n]![j] = cNext
      }
    }
    return next
  },

  backward(x, [h, c], weights, [dhNext, dcNext]) {
    const [N, H] = [x.length, weights.Wh.length]
    const gradients = zeroGradients(N, weights)
    const [dh, dc] = [zeroMatrix(N, H), zeroMatrix(N, H)]
    for (let n = 0; n < N; n++) {
      for (let j = 0; j < H; j++) {
        const { f, g, i, o } = lstmGates(j, x[n]!, h![n]!, weights)
        const cPrev = c![n]![j]!
        const tanhC = Math.tanh(f * cPrev + g * i)
        const dhHere = dhNext![n]![j]!
        const dcHere = dcNext![n]![j]! + dhHere * o * (1 - tanhC ** 2)
        dc[n]![j] = dcHere * f
        const das = [
          dcHere * cPrev * f * (1 - f),
          dcHere * i * (1 - g ** 2),
          dcHere * g * i * (1 - i),
          dhHere * tanhC * o * (1 - o),
        ]
        das.forEach((da, gate) => {
          const column = gate * H + j
          backThroughSum(da, column, x[n]!, h![n]!, weights, gradients.dx[n]!, dh[n]!, gradients)
        })
      }
    }
    return { ...gradients, dState: [dh, dc] }
  },
}

function gruGates(x: Vector, h: Vector, weights: RecurrentWeights) {
  const H = h.length
  const z = h.map((_, j) => sigmoid(sumAt(j, x, h, weights)))
  const r = h.map((_, j) => sigmoid(sumAt(H + j, x, h, weights)))
  const reset = h.map((value, j) => r[j]! * value)
  const candidate = h.map((_, j) => Math.tanh(sumAt(2 * H + j, x, reset, weights)))
  return { z, r, reset, candidate }
}

/** h = (1 − z) · hPrev + z · h̃, where h̃ sees r · hPrev; the gates' columns stand in the order z, r, h̃. */
export const gruCell: ReferenceCell = {
  forward(x, [h], weights) {
    const next = h!.map((row, n) => {
      const { z, candidate } = gruGates(x[n]!, row, weights)
      return row.map((value, j) => (1 - z[j]!) * value + z[j]! * candidate[j]!)
    })
    return [next]
  },

  backward(x, [h], weights, [dhNext]) {
    const [N, H] = [x.length, weights.Wh.length]
    const gradients = zeroGradients(N, weights)
    const dh = zeroMatrix(N, H)
    for (let n = 0; n < N; n++) {
      const [row, dRow, dx] = [h![n]!, dh[n]!, gradients.dx[n]!]
      const { z, r, reset, candidate } = gruGates(x[n]!, row, weights)
      const dReset = zeroVector(H)
      for (let j = 0; j < H; j++) {
        const da = dhNext![n]![j]! * z[j]! * (1 - candidate[j]! ** 2)
        backThroughSum(da, 2 * H + j, x[n]!, reset, weights, dx, dReset, gradients)
      }
      for (let j = 0; j < H; j++) {
        const dhHere = dhNext![n]![j]!
        const daz = dhHere * (candidate[j]! - row[j]!) * z[j]! * (1 - z[j]!)
        const dar = dReset[j]! * row[j]! * r[j]! * (1 - r[j]!)
        dRow[j]! += dhHere * (1 - z[j]!) + dReset[j]! * r[j]!
        backThroughSum(daz, j, x[n]!, row, weights, dx, dRow, gradients)
        backThroughSum(dar, H + j, x[n]!, row, weights, dx, dRow, gradients)
      }
    }
    return { ...gradients, dState: [dh] }
  },
}

function stepOf(block: Block, t: number): Matrix {
  return block.map((steps) => steps[t]!)
}

/** The states before the first step, after it, …, after the last one: T + 1 of them. */
function statesOver(cell: ReferenceCell, xs: Block, first: State, weights: RecurrentWeights): State[] {
  const states = [first]
  for (let t = 0; t < xs[0]!.length; t++) states.push(cell.forward(stepOf(xs, t), states[t]!, weights))
  return states
}

/** hs[:, t] is the h of state t, which comes from xs[:, t] and state t − 1; state −1 is `first`. */
export function timeForward(
  cell: ReferenceCell,
  xs: Block,
  first: State,
  weights: RecurrentWeights,
): { hs: Block; last: State } {
  const states = statesOver(cell, xs, first, weights)
  const hs = xs.map((steps, n) => steps.map((_, t) => states[t + 1]![0]![n]!))
  return { hs, last: states.at(-1)! }
}

/** From the last step to the first: a step's h has a gradient from above, its whole state one from the step after it. */
export function timeBackward(
  cell: ReferenceCell,
  xs: Block,
  first: State,
  weights: RecurrentWeights,
  dhs: Block,
): { dxs: Block; dFirst: State } & RecurrentGradients {
  const [N, T] = [xs.length, xs[0]!.length]
  const states = statesOver(cell, xs, first, weights)
  const { dWx, dWh, db } = zeroGradients(N, weights)
  const dxs = zeroBlock(N, T, 0)
  let dState: State = first.map((matrix) => zeroMatrix(N, matrix[0]!.length))
  for (let t = T - 1; t >= 0; t--) {
    addTo(dState[0]!, stepOf(dhs, t))
    const step = cell.backward(stepOf(xs, t), states[t]!, weights, dState)
    addTo(dWx, step.dWx)
    addTo(dWh, step.dWh)
    addTo([db], [step.db])
    for (let n = 0; n < N; n++) dxs[n]![t] = step.dx[n]!
    dState = step.dState
  }
  return { dxs, dFirst: dState, dWx, dWh, db }
}

function addTo(total: Matrix, matrix: Matrix): void {
  matrix.forEach((row, i) => {
    row.forEach((value, j) => {
      total[i]![j]! += value
    })
  })
}
