/**
 * Recurrent layers as pure functions of a state. A product has the same bits for any number of rows, packed or not, so
 * steps, blocks and batches agree exactly.
 */
import { describe, expect, it, vi } from 'vitest'
import type { Batch2, LayerState } from '../../src/layers/index.ts'
import { native } from '../../src/native.ts'
import { Tape, Tensor } from '../../src/tensor/index.ts'
import { describeEachIsa } from '../support/instruction-sets.ts'
import {
  asTensors,
  blockOf,
  normalState,
  RECURRENT_KINDS,
  setState,
  stateOf,
  stepBackward,
  stepForward,
  tensorsOf,
  timeLayerOf,
} from '../support/recurrent-kinds.ts'
import { recurrentWeights } from '../support/reference-recurrent.ts'

function arraysOf(tensors: readonly (Tensor<'float32' | 'int32'> | null)[]) {
  return tensors.map((tensor) => tensor!.toArray())
}

/** The tensors of a state, of one row alone. */
function rowOf(state: LayerState, row: number): LayerState {
  return state.map((tensor) => tensor.slice(0, row, row + 1).clone())
}

const [N, T, D, H] = [3, 5, 9, 17]

for (const kind of RECURRENT_KINDS) {
  const newStepLayer = () => new kind.Step(...tensorsOf(recurrentWeights(D, H, kind.gates)))
  const newTimeLayer = () => timeLayerOf(kind, D, H)
  const xs = blockOf(N, T, D, 4)
  const x = (t: number): Batch2 => xs.select(1, t)

  describeEachIsa(`${kind.name} and ${kind.Time.name}`, () => {
    it.each([
      [kind.name, newStepLayer],
      [kind.Time.name, newTimeLayer],
    ])('%s: interleaved streams give the bits of each alone', (_, make) => {
      const layer = make()
      const alone = [0, 1, 2].map((row) => {
        const states = [make().zeroState(1)]
        for (let t = 0; t < T; t++) states.push(make().step(x(t).slice(0, row, row + 1), states.at(-1)!))
        return states.map(arraysOf)
      })
      const streams = [0, 1, 2].map(() => [layer.zeroState(1)])
      for (let t = 0; t < T; t++) {
        for (const [row, states] of streams.entries())
          states.push(layer.step(x(t).slice(0, row, row + 1), states.at(-1)!))
      }
      expect(streams.map((states) => states.map(arraysOf))).toEqual(alone)
      let batch = layer.zeroState(N)
      for (let t = 0; t < T; t++) {
        batch = layer.step(x(t), batch)
        for (const row of [0, 1, 2]) expect(arraysOf(rowOf(batch, row))).toEqual(alone[row]![t + 1])
      }
    })

    it('steps are a block, and blocks are one long block', () => {
      const layer = newTimeLayer()
      const first = asTensors(normalState(kind, N, H))
      setState(layer, first)
      const hs = layer.forward(xs).clone()
      let state: LayerState = first
      for (let t = 0; t < T; t++) {
        state = layer.step(x(t), state)
        expect(state[0]!.toArray()).toEqual(hs.select(1, t).toArray())
      }
      expect(arraysOf(state)).toEqual(arraysOf(stateOf(layer)))
      const start = layer.read(xs.slice(1, 0, 3), first)
      expect(start.hs.toArray()).toEqual(hs.slice(1, 0, 3).toArray())
      const end = layer.read(xs.slice(1, 3, T), start.state)
      expect(end.hs.toArray()).toEqual(hs.slice(1, 3, T).toArray())
      expect(arraysOf(end.state)).toEqual(arraysOf(state))
    })

    it(`a step of ${kind.name} is its forward`, () => {
      const layer = newStepLayer()
      const state = asTensors(normalState(kind, N, H))
      expect(arraysOf(layer.step(x(0), state))).toEqual(arraysOf(stepForward(newStepLayer(), x(0), state)))
    })
  })

  describe(`a step of ${kind.name} or ${kind.Time.name}`, () => {
    it('leaves what forward kept for backward', () => {
      const dNext = asTensors(normalState(kind, N, H, 6))
      const state = asTensors(normalState(kind, N, H))
      const results = [false, true].map((steps) => {
        const layer = newStepLayer()
        stepForward(layer, x(0), state)
        if (steps) layer.step(x(1).slice(0, 0, 2), layer.zeroState(2))
        return arraysOf([...stepBackward(layer, dNext), ...layer.grads])
      })
      expect(results[1]).toEqual(results[0])
    })

    it('leaves the state, the buffers and the recorded steps of a training', () => {
      const dhs = blockOf(N, T, H, 6)
      const run = (read: boolean) => {
        const layer = newTimeLayer()
        const results: unknown[] = []
        const maybeRead = () => {
          if (!read) return
          layer.read(blockOf(N, T, D, 8), layer.zeroState(N))
          for (let n = 1; n < 5; n++) layer.step(blockOf(n, 1, D, 7).select(1, 0), layer.zeroState(n))
        }
        for (let i = 0; i < 3; i++) {
          maybeRead()
          const hs = layer.forward(xs)
          maybeRead()
          results.push(hs.toArray(), arraysOf(stateOf(layer)))
          results.push(layer.backward(dhs).toArray(), ...arraysOf(layer.grads))
        }
        const record = () =>
          Tape.record(() => {
            layer.forward(xs)
            layer.backward(dhs)
          })
        const tape = record()
        maybeRead()
        expect(record().equals(tape)).toBe(true)
        return results
      }
      expect(run(true)).toEqual(run(false))
    })

    it.each([
      ['forward', newStepLayer],
      ['block', newTimeLayer],
    ])('returns new tensors and writes no others (%s)', (_, make) => {
      const layer = make()
      const state = asTensors(normalState(kind, N, H))
      const next = layer.step(x(0), state)
      const before = arraysOf([x(0), ...state, ...next])
      layer.step(x(1), next)
      layer.step(x(1), layer.zeroState(N))
      expect(arraysOf([x(0), ...state, ...next])).toEqual(before)
      expect(arraysOf(layer.zeroState(2))).toEqual(
        state.map(() => [new Array(H).fill(0), new Array(H).fill(0)]),
      )
    })

    it('makes only the tensors of the state, in steady state', () => {
      const layer = newTimeLayer()
      const state = layer.step(x(0), layer.zeroState(N))
      const allocations = vi.spyOn(native, 'alignedOffset')
      layer.step(x(1).clone(), state)
      expect(allocations.mock.calls.length).toBeLessThanOrEqual(kind.states + 1)
      allocations.mockRestore()
    })

    it('names the argument that does not fit', () => {
      const layer = newTimeLayer()
      const name = `${kind.Time.name}.step`
      const state = layer.zeroState(2)
      expect(() => layer.step(Tensor.zeros([2, 3]), state)).toThrow(
        new RangeError(`${name}: x: expected the shape [N, D = 9], got [2, 3]`),
      )
      expect(() => layer.step(x(0), state)).toThrow(
        new RangeError(`${name}: state: h: expected the shape [N = 3, H = 17], got [2, 17]`),
      )
      const list = kind.states === 2 ? 'h, c' : 'h'
      for (const [make, own] of [
        [newTimeLayer, name],
        [newStepLayer, `${kind.name}.step`],
      ] as const) {
        expect(() => make().step(x(0), [])).toThrow(
          new TypeError(`${own}: state: expected an array of the tensors ${list}, got []`),
        )
        expect(() => make().step(x(0), null as never)).toThrow(
          new TypeError(`${own}: state: expected an array of the tensors ${list}, got null`),
        )
      }
      expect(() => newStepLayer().step(x(0), state)).toThrow(
        new RangeError(`${kind.name}.step: hPrev: expected the shape [N = 3, H = 17], got [2, 17]`),
      )
      expect(() => layer.read(x(0) as never, state)).toThrow(
        new RangeError(`${kind.Time.name}.read: xs: expected the shape [N, T, D = 9], got [3, 9]`),
      )
      for (const own of [layer, newStepLayer()])
        expect(() => own.zeroState(0)).toThrow('zeroState: N: expected an integer of at least 1, got 0')
    })
  })
}
