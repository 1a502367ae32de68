/** Optimizers, learning rate schedules, gradient clipping. */
export { checkMaxNorm, clipGrads, GradientClipping } from './gradient-clipping.ts'
export type { Optimizer, OptimizerState } from './optimizer.ts'
export { afterEvaluation, hasStalled, noPlateau, type PlateauOptions, type PlateauState } from './plateau.ts'
export * from './registry.ts'
export { type Schedule, scheduledRate } from './schedule.ts'
