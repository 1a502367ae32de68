/** Optimizers and gradient clipping. */
export { clipGrads, clippingNorm } from './clip-grads.ts'
export type { Optimizer } from './optimizer.ts'
export { SGD } from './sgd.ts'
