/** Our contestant in the matmul scenario. */
import type { Product } from '../scenarios/matmul.ts'
import { makeProduct } from './product.ts'
import { serve, warmUp } from './protocol.ts'

await serve<object, Product>(async (rnnlm, task) => {
  const errors: number[] = []
  const rounds = new Map(
    task.cases.map((product) => {
      const { multiply, relativeError } = makeProduct(rnnlm, product)
      const measureRound = warmUp(task, multiply)
      errors.push(relativeError())
      return [product.name, measureRound]
    }),
  )
  return { check: Math.max(...errors), measure: ({ name }) => rounds.get(name)!() }
})
