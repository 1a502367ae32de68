/** All optimizers, against figures of float64 that PyTorch agrees with. */
import { expect, it } from 'vitest'
import { OPTIMIZERS as ENTRIES, type Optimizer } from '../../src/optim/index.ts'
import { type NestedNumbers, Tensor } from '../../src/tensor/index.ts'
import { expectClose, readGolden } from '../support/golden.ts'
import { describeEachIsa } from '../support/instruction-sets.ts'

const OPTIMIZERS: Record<string, new (lr?: number, options?: object) => Optimizer> = Object.fromEntries(
  Object.values(ENTRIES).map(({ Class }) => [Class.name, Class]),
)

interface OptimizerCase {
  optimizer: string
  lr: number
  options: object
  /** After each update. */
  params: NestedNumbers[][]
  /** After the last. */
  slots: Record<string, NestedNumbers[]>
}

const golden = readGolden<{
  params: NestedNumbers[]
  grads: NestedNumbers[][]
  /** From here on the learning rate is a quarter. */
  laterUpdate: number
  cases: OptimizerCase[]
}>('optimizers.json')

/** Within 10⁻⁵ of each element, however small. */
function expectRelativelyClose(actual: Tensor, expected: NestedNumbers): void {
  const wanted = Tensor.from(expected)
  expect(actual.shape).toEqual(wanted.shape)
  actual.data.forEach((value, i) => {
    expect(Math.abs(value - wanted.data[i]!)).toBeLessThanOrEqual(1e-5 * Math.abs(wanted.data[i]!))
  })
}

/** The same numbers as columns of a larger tensor, so that nothing is adjacent. */
function strided(nested: NestedNumbers): Tensor {
  const tensor = Tensor.from(nested)
  const wide = Tensor.zeros([...tensor.shape, 2])
  const view = wide.select(tensor.rank, 1) as Tensor
  return view.copyFrom(tensor)
}

const layouts = [
  { layout: 'contiguous', make: (nested: NestedNumbers) => Tensor.from(nested) },
  { layout: 'strided', make: strided },
]

describeEachIsa('golden figures', () => {
  for (const { optimizer: name, lr, options, params: paramsAfter, slots } of golden.cases) {
    it.each(layouts)(`${name}(${lr}, ${JSON.stringify(options)}), $layout`, ({ make }) => {
      const optimizer: Optimizer = new OPTIMIZERS[name]!(lr, options)
      const params = golden.params.map(make)
      golden.grads.forEach((grads, i) => {
        if (i + 1 === golden.laterUpdate) optimizer.lr = lr / 4
        optimizer.update(params, grads.map(make))
        params.forEach((param, p) => {
          expectClose(param, paramsAfter[i]![p]!, 1e-6)
        })
      })
      if (!optimizer.state) return expect(slots).toEqual({})
      expect(optimizer.state.steps).toBe(golden.grads.length)
      expect([...optimizer.state.slots.keys()]).toEqual(Object.keys(slots))
      for (const [slot, tensors] of optimizer.state.slots) {
        tensors.forEach((tensor, p) => {
          expectRelativelyClose(tensor, slots[slot]![p]!)
        })
      }
    })
  }
})

it('have the defaults of the figures', () => {
  const withDefaults = golden.cases.filter(({ options }) => Object.keys(options).length === 0)
  expect(withDefaults.map(({ optimizer }) => optimizer).sort()).toEqual(Object.keys(OPTIMIZERS).sort())
  for (const { optimizer, lr } of withDefaults) expect(new OPTIMIZERS[optimizer]!().lr).toBe(lr)
})
