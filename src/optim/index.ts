/** Optimizers and gradient clipping. */
export { clipGrads } from './clip-grads.ts'
export type { Optimizer } from './optimizer.ts'
export { SGD } from './sgd.ts'
