/** Our contestants in the matmul scenario. */
import type { Product, ProductSettings } from '../scenarios/matmul.ts'
import { loadTensors } from './package.ts'
import { makeProduct } from './product.ts'
import { serve, warmUp } from './protocol.ts'

await serve<ProductSettings, Product>(async (rnnlm, task) => {
  const tensors = await loadTensors()
  rnnlm.setFloat32MatmulPrecision(task.precision)
  const errors: number[] = []
  const rounds = new Map(
    task.cases.map((product) => {
      const { multiply, relativeError } = makeProduct(tensors, product, task.isPacked)
      const measureRound = warmUp(task, multiply)
      errors.push(relativeError())
      return [product.name, measureRound]
    }),
  )
  return { check: Math.max(...errors), measure: ({ name }) => rounds.get(name)!() }
})
