/** The steps of a block, the way of the state from each of them to the next, and the way of its gradient back. */
import { add, Tensor } from '../tensor/index.ts'
import type { Batch2, Batch3, Weights } from './layer.ts'
import type { SentenceStarts } from './sentence-starts.ts'

/** A tensor [N, T, columns], all its rows as a matrix, and the rows of each step as a matrix of N rows. */
export interface Sequence {
  all: Batch3
  rows: Weights
  steps: Batch2[]
}

export function makeSequence(N: number, T: number, columns: number): Sequence {
  const all = Tensor.fixed([N, T, columns])
  return {
    all,
    rows: all.reshape([N * T, columns]),
    steps: Array.from({ length: T }, (_, t) => all.select(1, t)),
  }
}

/** The states before each step, [N, T, H]: `first` where the block begins, then hs one step later. */
export interface PreviousStates {
  /** All of them, for the gradient of Wh; complete after `gather`. */
  rows: Weights
  first: Batch2
  /** What each step reads. */
  steps: readonly Batch2[]
  /** Must be called before step t. */
  begin(t: number): void
  gather(): void
}

/** Without sentence starts, a step reads the previous one's hs, and the states are gathered once a block. */
export function makePreviousStates(hs: Sequence, starts?: SentenceStarts): PreviousStates {
  const [N, T, H] = hs.all.shape
  const { all, rows, steps } = makeSequence(N, T, H)
  const first = steps[0]!
  if (starts) {
    const begin = (t: number) => {
      if (t > 0) steps[t]!.copyFrom(hs.steps[t - 1]!)
      starts.clear(t, steps[t]!)
    }
    return { rows, first, steps, begin, gather: () => {} }
  }
  const blocks = [N, T * H] as const
  const later = all.reshape(blocks).slice(1, H, T * H)
  const earlier = hs.all.reshape(blocks).slice(1, 0, (T - 1) * H)
  return {
    rows,
    first,
    steps: [first, ...hs.steps.slice(0, -1)],
    begin: () => {},
    gather: () => void later.copyFrom(earlier),
  }
}

/** Where each step writes the gradient of the state before it. */
export interface PassBack {
  /** `accumulate`: add to the gradient that the step before has from the layers above. */
  steps: readonly { out: Batch2; accumulate: boolean }[]
  /** Must be called after step t. */
  end(t: number): void
}

/** @param dhs the gradients of hs, [N, H] each  @param dFirst that of the state that the block begins with */
export function makePassBack(dhs: readonly Batch2[], dFirst: Batch2, starts?: SentenceStarts): PassBack {
  if (!starts) {
    const steps = dhs.map((_, t) => ({ out: t === 0 ? dFirst : dhs[t - 1]!, accumulate: t > 0 }))
    return { steps, end: () => {} }
  }
  const passed = Tensor.fixed(dFirst.shape)
  const steps = dhs.map((_, t) => ({ out: t === 0 ? dFirst : passed, accumulate: false }))
  const end = (t: number) => {
    starts.clear(t, steps[t]!.out)
    if (t > 0) add(dhs[t - 1]!, passed, { out: dhs[t - 1]! })
  }
  return { steps, end }
}
