/** What every entry of the registry of cells must fulfil. */
import { describe, expect, it } from 'vitest'
import type { Batch3 } from '../../src/layers/index.ts'
import { CELL_NAMES, cellOf } from '../../src/models/index.ts'
import { Random, Tensor } from '../../src/tensor/index.ts'
import { randomTensor } from '../support/random-tensor.ts'

const [N, T, D, H] = [2, 3, 4, 5]

describe.each(CELL_NAMES)('%s', (cell) => {
  const { parameters, makeLayer, gates, states, timeScales } = cellOf(cell)
  const newLayer = () => {
    const rng = new Random(1)
    return makeLayer(
      parameters.map(({ shape, initial }) => initial(shape(D, H), rng)),
      { stateful: true },
    )
  }

  it('has the parameters of its layer, in order', () => {
    const layer = newLayer()
    expect(layer.params.map(({ shape }) => [...shape])).toEqual(parameters.map(({ shape }) => shape(D, H)))
    expect(layer.grads.map(({ shape }) => shape)).toEqual(layer.params.map(({ shape }) => shape))
    expect(new Set(parameters.map(({ name }) => name)).size).toBe(parameters.length)
  })

  it('has the states of its layer, in order; the first is the output', () => {
    const layer = newLayer()
    const hs = layer.forward(randomTensor([N, T, D], 2) as Tensor as Batch3)
    const state = layer.saveState()!
    expect(hs.shape).toEqual([N, T, H])
    expect(state.map(({ shape }) => shape)).toEqual(Object.values(states).map((size) => [N, size(D, H)]))
    expect(state[0]!.toArray()).toEqual(hs.select(1, T - 1).toArray())
  })

  it('names its gates once, and time scales those of its gates', () => {
    expect(new Set(gates).size).toBe(gates.length)
    if (!timeScales) return
    expect(parameters.map(({ name }) => name)).toContain(timeScales.parameter)
    for (const gate of Object.keys(timeScales.signs)) expect(gates).toContain(gate)
  })

  it('gives every parameter a gradient', () => {
    const layer = newLayer()
    for (const param of layer.params) param.copyFrom(randomTensor(param.shape, 3))
    const xs = randomTensor([N, T, D], 4) as Tensor as Batch3
    layer.forward(xs)
    layer.forward(xs)
    layer.backward(Tensor.full([N, T, H], 1) as Batch3)
    for (const grad of layer.grads) expect(grad.data.some((value) => value !== 0)).toBe(true)
  })
})
