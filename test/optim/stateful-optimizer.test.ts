import { describe, expect, it } from 'vitest'
import {
  AdaGrad,
  Adam,
  AdamW,
  Momentum,
  Nesterov,
  type OptimizerState,
  RMSprop,
  SGD,
} from '../../src/optim/index.ts'
import { Tensor } from '../../src/tensor/index.ts'
import { describeEachIsa } from '../support/instruction-sets.ts'
import { randomTensor } from '../support/random-tensor.ts'

const OPTIMIZERS = [
  { Optimizer: Momentum, slots: ['velocity'] },
  { Optimizer: Nesterov, slots: ['velocity'] },
  { Optimizer: AdaGrad, slots: ['h'] },
  { Optimizer: RMSprop, slots: ['h'] },
  { Optimizer: Adam, slots: ['m', 'v'] },
  { Optimizer: AdamW, slots: ['m', 'v'] },
].map((optimizer) => ({ ...optimizer, name: optimizer.Optimizer.name }))

const gradsOf = (step: number) => [randomTensor([7, 33], step), randomTensor([65], 100 + step)]

/** A copy, as a checkpoint has it. */
function saved({ steps, slots }: OptimizerState): OptimizerState {
  return {
    steps,
    slots: new Map([...slots].map(([name, tensors]) => [name, tensors.map((tensor) => tensor.clone())])),
  }
}

function numbersOf(tensors: readonly Tensor[]): number[][] {
  return tensors.map(({ data }) => [...data])
}

describe.each(OPTIMIZERS)('$name', ({ name, Optimizer, slots: slotNames }) => {
  it('makes its slots at the first update, and keeps them', () => {
    const optimizer = new Optimizer()
    expect(optimizer.state).toEqual({ steps: 0, slots: new Map() })
    const params = [Tensor.full([2, 3], 1), Tensor.full([4], 1)]
    optimizer.update(params, [Tensor.full([2, 3], 1), Tensor.full([4], 1)])
    const { steps, slots } = optimizer.state
    expect(steps).toBe(1)
    expect([...slots.keys()]).toEqual(slotNames)
    for (const tensors of slots.values()) {
      expect(tensors.map(({ shape }) => shape)).toEqual([[2, 3], [4]])
    }
    optimizer.update(params, [Tensor.full([2, 3], 1), Tensor.full([4], 1)])
    expect(optimizer.state.steps).toBe(2)
    expect(optimizer.state.slots).toBe(slots)
  })

  it('continues from a saved state with the same bits', () => {
    const params = [randomTensor([7, 33], 201), randomTensor([65], 202)]
    const optimizer = new Optimizer(0.02)
    for (let step = 0; step < 4; step++) optimizer.update(params, gradsOf(step))
    const [paramsThen, stateThen] = [params.map((param) => param.clone()), saved(optimizer.state)]
    for (let step = 4; step < 9; step++) optimizer.update(params, gradsOf(step))

    const later = new Optimizer(0.02)
    later.restoreState(paramsThen, stateThen)
    expect(later.state).toEqual(stateThen)
    for (let step = 4; step < 9; step++) later.update(paramsThen, gradsOf(step))
    expect(numbersOf(paramsThen)).toEqual(numbersOf(params))
    expect(later.state).toEqual(optimizer.state)
  })

  it('copies what it restores, into the slots that it has', () => {
    const params = [Tensor.full([3], 1)]
    const optimizer = new Optimizer()
    optimizer.update(params, [Tensor.from([1, 2, 3])])
    const { slots } = optimizer.state
    const state = saved(optimizer.state)
    optimizer.update(params, [Tensor.from([4, 5, 6])])
    optimizer.restoreState(params, state)
    expect(optimizer.state.slots).toBe(slots)
    expect(optimizer.state).toEqual(state)
    optimizer.update(params, [Tensor.from([4, 5, 6])])
    expect(optimizer.state).not.toEqual(state)
  })

  it('starts anew from the state before the first update', () => {
    const [first, second] = [[Tensor.full([3], 1)], [Tensor.full([3], 1)]]
    const grads = [Tensor.from([1, -2, 3])]
    const optimizer = new Optimizer()
    const fresh = saved(optimizer.state)
    optimizer.update(first, grads)
    optimizer.restoreState(second, fresh)
    expect(optimizer.state.steps).toBe(0)
    optimizer.update(second, grads)
    expect(numbersOf(second)).toEqual(numbersOf(first))
  })

  it('restores the state of other parameters than those before', () => {
    const other = [Tensor.full([2], 1)]
    const optimizer = new Optimizer()
    optimizer.update(other, [Tensor.from([1, 2])])
    const state = saved(optimizer.state)
    const again = new Optimizer()
    again.update([Tensor.full([3], 1)], [Tensor.from([1, 2, 3])])
    again.restoreState(other, state)
    expect(again.state).toEqual(state)
  })

  it('leaves parameters with zero gradients and zero slots as they are', () => {
    const param = Tensor.from([1, -2, 0])
    const optimizer = new Optimizer(0.5, Optimizer === AdamW ? { weightDecay: 0 } : {})
    for (let step = 0; step < 3; step++) optimizer.update([param], [Tensor.zeros([3])])
    expect([...param.data]).toEqual([1, -2, 0])
  })

  it('takes no parameters, and empty ones', () => {
    const optimizer = new Optimizer()
    optimizer.update([], [])
    expect(optimizer.state.steps).toBe(1)
    new Optimizer().update([Tensor.zeros([0, 3])], [Tensor.zeros([0, 3])])
  })

  it('names other parameters than those of the updates before, and changes nothing', () => {
    const [a, b] = [Tensor.full([2], 1), Tensor.full([3], 1)]
    const optimizer = new Optimizer()
    optimizer.update([a, b], [a, b])
    const before = numbersOf([a, b])
    expect(() => optimizer.update([a], [a])).toThrow(
      new RangeError(`${name}.update: params: expected the 2 tensors of the updates before, got 1`),
    )
    expect(() => optimizer.update([a, a], [a, a])).toThrow(
      new RangeError(`${name}.update: params[1]: expected the shape [3] of the updates before, got [2]`),
    )
    expect(() => optimizer.update([a, b], [a, a])).toThrow(
      new RangeError(`${name}.update: grads[1]: expected the shape [3], got [2]`),
    )
    expect(numbersOf([a, b])).toEqual(before)
    expect(optimizer.state.steps).toBe(1)
  })

  it('names what does not fit in a state, and changes nothing', () => {
    const [a, b] = [Tensor.full([2], 1), Tensor.full([3], 1)]
    const optimizer = new Optimizer()
    optimizer.update([a, b], [a, b])
    const state = saved(optimizer.state)
    const slotsWith = (tensors: readonly unknown[]) =>
      new Map(slotNames.map((slot, i) => [slot, (i === 0 ? tensors : [a, b]) as Tensor[]]))
    const restore = (wrong: Partial<OptimizerState>) => () =>
      optimizer.restoreState([a, b], { ...state, ...wrong })
    const argument = `${name}.restoreState: state.slots`
    expect(restore({ steps: -1 })).toThrow(
      new RangeError(`${name}.restoreState: state.steps: expected an integer of at least 0, got -1`),
    )
    expect(restore({ slots: {} as never })).toThrow(new TypeError(`${argument}: expected a Map, got Object`))
    expect(restore({ slots: new Map([['w', [a, b]]]) })).toThrow(
      new RangeError(`${argument}: expected the slots ${slotNames.join(', ')}, got "w"`),
    )
    expect(restore({ slots: new Map() })).toThrow(RangeError)
    expect(restore({ slots: slotsWith([a]) })).toThrow(
      new RangeError(`${argument}.${slotNames[0]}: expected 2 tensors, one a parameter, got 1`),
    )
    expect(restore({ slots: slotsWith([a, a]) })).toThrow(
      new RangeError(`${argument}.${slotNames[0]}[1]: expected the shape [3], got [2]`),
    )
    expect(restore({ slots: slotsWith([a, [1, 2, 3]]) })).toThrow(
      new TypeError(`${argument}.${slotNames[0]}[1]: expected a Tensor, got [1, 2, 3]`),
    )
    expect(() => optimizer.restoreState([a, b], null as never)).toThrow(TypeError)
    expect(() => optimizer.restoreState([a, null as never], state)).toThrow(
      new TypeError(`${name}.restoreState: params[1]: expected a Tensor, got null`),
    )
    expect(optimizer.state).toEqual(state)
  })

  it('names wrong settings', () => {
    expect(() => new Optimizer(-1)).toThrow(
      new RangeError(`${name}: lr: expected a finite number of at least 0, got -1`),
    )
    expect(() => new Optimizer(0.1, 0.9 as never)).toThrow(
      new TypeError(`${name}: options: expected an object, got 0.9`),
    )
    expect(() => new Optimizer(0.1, { betas: 0.9 } as never)).toThrow(`${name}: unknown option "betas"; `)
    expect(() => new Optimizer(0.1, { betas: 0.9 } as never)).toThrow(
      expect.objectContaining({ name: 'TypeError' }),
    )
    const optimizer = new Optimizer(0.1)
    expect(() => {
      optimizer.lr = Number.NaN
    }).toThrow(RangeError)
    expect(optimizer.lr).toBe(0.1)
  })
})

describe('settings', () => {
  it.each([
    ['momentum', (value: never) => new Momentum(0.1, { momentum: value })],
    ['momentum', (value: never) => new Nesterov(0.1, { momentum: value })],
    ['decayRate', (value: never) => new RMSprop(0.1, { decayRate: value })],
    ['beta1', (value: never) => new Adam(0.1, { beta1: value })],
    ['beta2', (value: never) => new AdamW(0.1, { beta2: value })],
  ])('%s is at least 0 and less than 1', (argument, make) => {
    const expected = `${argument}: expected a number of at least 0 and less than 1, got`
    expect(() => make(1 as never)).toThrow(expect.objectContaining({ name: 'RangeError' }))
    expect(() => make(1 as never)).toThrow(`${expected} 1`)
    expect(() => make(-0.1 as never)).toThrow(`${expected} -0.1`)
    expect(() => make(Number.NaN as never)).toThrow(`${expected} NaN`)
    expect(() => make('0.9' as never)).toThrow(`${expected} "0.9"`)
    expect(() => make(0 as never)).not.toThrow()
  })

  it('eps and weightDecay are at least 0; flags are true or false', () => {
    expect(() => new AdaGrad(0.1, { eps: -1 })).toThrow(
      'AdaGrad: eps: expected a finite number of at least 0',
    )
    expect(() => new RMSprop(0.1, { eps: Infinity })).toThrow(RangeError)
    expect(() => new Adam(0.1, { eps: '1' as never })).toThrow(TypeError)
    expect(() => new Adam(0.1, { weightDecay: 0.1 } as never)).toThrow(
      'Adam: unknown option "weightDecay"; known options: beta1, beta2, eps, correctedEps',
    )
    expect(() => new AdamW(0.1, { weightDecay: -1 })).toThrow('AdamW: weightDecay: expected a finite number')
    expect(() => new Momentum(0.1, { lrInVelocity: 1 as never })).toThrow(
      new TypeError('Momentum: lrInVelocity: expected true or false, got 1'),
    )
    expect(() => new Adam(0.1, { correctedEps: null as never })).toThrow(TypeError)
  })

  it('an option that is undefined is its default', () => {
    const update = (optimizer: AdamW) => {
      const param = Tensor.from([1])
      optimizer.update([param], [Tensor.from([1e-8])])
      return param.item()
    }
    expect(update(new AdamW(0.1, { eps: undefined, weightDecay: undefined }))).toBe(update(new AdamW(0.1)))
  })
})

describeEachIsa('averages of gradients that stay away', () => {
  it('do not decay into denormals', () => {
    const optimizer = new Adam()
    const param = Tensor.from([1])
    optimizer.update([param], [Tensor.from([1e-3])])
    const none = [Tensor.zeros([1])]
    for (let step = 0; step < 1000; step++) optimizer.update([param], none)
    const m = optimizer.state.slots.get('m')![0]!.item()
    expect(m === 0 || m >= 2 ** -126).toBe(true)
    expect(m).toBeLessThan(1e-36)
  })
})

it('SGD remembers nothing', () => {
  expect('state' in new SGD()).toBe(false)
})
