/** Recurrent layers that read each sentence from a zero state. */
import { describe, expect, it } from 'vitest'
import { SentenceStarts } from '../../src/layers/index.ts'
import { Tape, type Tensor } from '../../src/tensor/index.ts'
import { expectClose } from '../support/golden.ts'
import { innerProduct, numericGradient } from '../support/gradient-check.ts'
import { describeEachIsa } from '../support/instruction-sets.ts'
import {
  asTensors,
  blockOf,
  normalState,
  RECURRENT_KINDS,
  type RecurrentKind,
  setState,
  stateGradientOf,
  stateOf,
  type TimeLayer,
  tensorsOf,
} from '../support/recurrent-kinds.ts'
import { type Block, type Ids, normalBlock, zeroMatrix } from '../support/reference-layers.ts'
import {
  type RecurrentWeights,
  recurrentWeights,
  type State,
  timeBackward,
  timeForward,
} from '../support/reference-recurrent.ts'
import { tokens } from '../support/tokens.ts'

const [D, H, END] = [3, 5, 2]

/** Sentences that start at the first, the last and adjacent steps, and rows without a start. */
const BLOCKS: Record<string, Ids> = {
  'one step': [[END], [0]],
  'several sentences in a row': [
    [0, END, 1, 1, END, END, 3],
    [END, 1, 0, 3, 0, 1, END],
    [1, 0, 3, 1, 0, 1, 3],
    [END, END, END, END, END, END, END],
  ],
  'no sentence start': [[0, 1, 3]],
}

/** The float64 reference: each sentence is a block of its own. */
function separately(
  { cell, states }: RecurrentKind,
  ids: Ids,
  xs: Block,
  first: State,
  weights: RecurrentWeights,
  dhs: Block,
) {
  const zero: State = Array.from({ length: states }, () => zeroMatrix(1, H))
  const sums: number[][][] = [zeroMatrix(D, weights.b.length), zeroMatrix(H, weights.b.length)]
  const db = [weights.b.map(() => 0)]
  const last = first.map((): number[][] => [])
  const dFirst = first.map((): number[][] => [])
  const rows = ids.map((row, n) => {
    const starts = [...row.keys()].filter((t) => t === 0 || row[t] === END)
    const of = starts.map((start, k) => {
      const end = starts[k + 1] ?? row.length
      const isNew = row[start] === END
      const before = isNew ? zero : first.map((matrix) => [matrix[n]!])
      const [x, dh] = [[xs[n]!.slice(start, end)], [dhs[n]!.slice(start, end)]]
      const forward = timeForward(cell, x, before, weights)
      const backward = timeBackward(cell, x, before, weights, dh)
      for (const [sum, added] of [
        [sums[0]!, backward.dWx],
        [sums[1]!, backward.dWh],
        [db, [backward.db]],
      ] as const) {
        added.forEach((values, i) => {
          values.forEach((value, j) => {
            sum[i]![j]! += value
          })
        })
      }
      return { forward, backward, isNew }
    })
    for (let i = 0; i < first.length; i++) {
      last[i]!.push(of.at(-1)!.forward.last[i]![0]!)
      dFirst[i]!.push(of[0]!.isNew ? zero[i]![0]! : of[0]!.backward.dFirst[i]![0]!)
    }
    return {
      hs: of.flatMap(({ forward }) => forward.hs[0]!),
      dxs: of.flatMap(({ backward }) => backward.dxs[0]!),
    }
  })
  return {
    hs: rows.map(({ hs }) => hs),
    dxs: rows.map(({ dxs }) => dxs),
    last,
    dFirst,
    grads: [sums[0]!, sums[1]!, db[0]!],
  }
}

function example(kind: RecurrentKind, ids: Ids) {
  const [N, T] = [ids.length, ids[0]!.length]
  const weights = recurrentWeights(D, H, kind.gates)
  const first = normalState(kind, N, H)
  const starts = new SentenceStarts(END)
  const layer = new kind.Time(...tensorsOf(weights), { stateful: true, sentenceStarts: starts })
  setState(layer, asTensors(first))
  return {
    weights,
    first,
    starts,
    layer,
    xs: normalBlock(N, T, D, 4),
    dhs: normalBlock(N, T, H, 6),
    tensors: { xs: blockOf(N, T, D, 4), dhs: blockOf(N, T, H, 6) },
  }
}

function resultsOf(layer: TimeLayer, hs: Tensor, dxs: Tensor) {
  return [hs, dxs, ...stateOf(layer), ...stateGradientOf(layer), ...layer.grads].map((tensor) =>
    tensor!.toArray(),
  )
}

for (const kind of RECURRENT_KINDS) {
  describeEachIsa(`${kind.Time.name} with sentence starts`, () => {
    it.each(Object.entries(BLOCKS))('reads each sentence as a block of its own: %s', (_, ids) => {
      const { weights, first, starts, layer, xs, dhs, tensors } = example(kind, ids)
      const expected = separately(kind, ids, xs, first, weights, dhs)
      for (let i = 0; i < 2; i++) {
        setState(layer, asTensors(first))
        starts.forward(tokens(ids))
        expectClose(layer.forward(tensors.xs), expected.hs)
        expectClose(layer.backward(tensors.dhs), expected.dxs)
        stateOf(layer).forEach((tensor, j) => {
          expectClose(tensor!, expected.last[j]!)
        })
        stateGradientOf(layer).forEach((tensor, j) => {
          expectClose(tensor!, expected.dFirst[j]!)
        })
        layer.grads.forEach((tensor, j) => {
          expectClose(tensor, expected.grads[j]!)
        })
      }
    })
  })

  describe(`${kind.Time.name} with sentence starts`, () => {
    const ids = BLOCKS['several sentences in a row']!

    it('has the gradients of numeric differences', () => {
      const { weights, first, starts, layer, xs, dhs, tensors } = example(kind, ids)
      const loss = () => innerProduct(separately(kind, ids, xs, first, weights, dhs).hs, dhs)
      starts.forward(tokens(ids))
      layer.forward(tensors.xs)
      expectClose(layer.backward(tensors.dhs), numericGradient(loss, xs))
      expectClose(layer.grads[0], numericGradient(loss, weights.Wx))
      expectClose(layer.grads[1], numericGradient(loss, weights.Wh))
      expectClose(layer.grads[2], numericGradient(loss, weights.b))
    })

    it('has the bits of a layer without, if no sentence starts', () => {
      const { layer, starts, first, weights, tensors } = example(kind, ids)
      const plain = new kind.Time(...tensorsOf(weights), { stateful: true })
      setState(plain, asTensors(first))
      starts.forward(tokens(ids.map((row) => row.map(() => 0))))
      expect(layer.forward(tensors.xs).toArray()).toEqual(plain.forward(tensors.xs).toArray())
      expect(stateOf(layer).map((tensor) => tensor!.toArray())).toEqual(
        stateOf(plain).map((tensor) => tensor!.toArray()),
      )
      expectClose(layer.backward(tensors.dhs), plain.backward(tensors.dhs).toArray() as Block)
    })

    it('replays what was recorded for other tokens', () => {
      const recorded = example(kind, ids)
      const plain = example(kind, ids)
      const xs = tokens(ids)
      const step = ({ starts, layer, tensors }: typeof plain) => {
        starts.forward(xs)
        return [layer.forward(tensors.xs), layer.backward(tensors.dhs)] as [Tensor, Tensor]
      }
      let results!: [Tensor, Tensor]
      const tape = Tape.record(() => {
        results = step(recorded)
      })
      for (let shift = 0; shift < 3; shift++) {
        tape.run()
        expect(resultsOf(recorded.layer, ...results)).toEqual(resultsOf(plain.layer, ...step(plain)))
        xs.data.set([...xs.data.subarray(1), xs.data[0]!])
      }
    })

    it('does not see tokens that change between forward and backward', () => {
      const [given, changed] = [example(kind, ids), example(kind, ids)]
      const results = [given, changed].map(({ starts, layer, tensors }) => {
        const xs = tokens(ids)
        starts.forward(xs)
        const hs = layer.forward(tensors.xs)
        if (layer === changed.layer) xs.fill(END)
        return resultsOf(layer, hs, layer.backward(tensors.dhs))
      })
      expect(results[1]).toEqual(results[0])
    })

    it('reads from a state as a layer without', () => {
      const { layer, weights, first, tensors } = example(kind, ids)
      const plain = new kind.Time(...tensorsOf(weights))
      const state = asTensors(first)
      expect(layer.read(tensors.xs, state).hs.toArray()).toEqual(plain.read(tensors.xs, state).hs.toArray())
    })

    it('needs the tokens of the block', () => {
      const { layer, starts, tensors } = example(kind, ids)
      expect(() => layer.forward(tensors.xs)).toThrow('SentenceStarts.clear: call forward first')
      starts.forward(tokens([[1, 1, 1, 1, 1, 1, 1]]))
      expect(() => layer.forward(tensors.xs)).toThrow('clearRows: out: expected the shape [1, 5], got [4, 5]')
      expect(() => new kind.Time(...layer.params, { sentenceStarts: 2 as never })).toThrow(
        `${kind.Time.name}: sentenceStarts: expected a SentenceStarts, got 2`,
      )
    })
  })
}
