import { expect, it } from 'vitest'
import { createOptimizer, OPTIMIZER_NAMES, OPTIMIZERS } from '../../src/optim/index.ts'
import { Tensor } from '../../src/tensor/index.ts'

it.each(OPTIMIZER_NAMES)('%s is of its class and has the given learning rate', (optimizer) => {
  const made = createOptimizer({ optimizer, lr: 0.25 })
  expect(made).toBeInstanceOf(OPTIMIZERS[optimizer].Class)
  expect(made.lr).toBe(0.25)
})

it('passes settings on as options', () => {
  const param = Tensor.from([8])
  createOptimizer({ optimizer: 'sgd', lr: 0.5, weightDecay: 0.5 }).update([param], [Tensor.from([0])])
  expect(param.item()).toBe(6)
})

it('names the optimizers that take a setting', () => {
  expect(() => createOptimizer({ optimizer: 'adam', lr: 0.1, weightDecay: 0.5 })).toThrow(
    new RangeError('settings: weightDecay: expected the optimizer sgd or adamw with it, got "adam"'),
  )
})
