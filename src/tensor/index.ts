/** Tensors, the operations on them, and random numbers. */
export { PRECISIONS, type Precision } from '../native.ts'
export { clipRate, scaleBy, stopUnlessFinite } from './ops/clipping.ts'
export { COMPACT_FORMATS, type CompactFormat, CompactMatrix, matmulCompact } from './ops/compact-weights.ts'
export {
  add,
  addProduct,
  axpy,
  div,
  exp,
  mul,
  scale,
  sigmoid,
  sigmoidGradient,
  sub,
  tanh,
  tanhGradient,
} from './ops/elementwise.ts'
export { clearRows, gatherRows, scatterAddRows } from './ops/gather.ts'
export { type MatmulOptions, matmul, matmulPacked, PackedMatrix } from './ops/matmul.ts'
export { contiguous, type OutOptions } from './ops/operands.ts'
export { argmax, norm, sum, sumOfSquares } from './ops/reductions.ts'
export {
  countTargets,
  crossEntropy,
  crossEntropyWithGradient,
  logSoftmax,
  type SummedLoss,
  softmax,
} from './ops/softmax.ts'
export { countUpdate, type UpdateSettings, update } from './ops/updates.ts'
export { Random, type RandomState } from './random.ts'
export {
  availablePrecisions,
  type Kernels,
  kernels,
  setFloat32MatmulPrecision,
  setThreads,
} from './runtime.ts'
export { Scalar } from './scalar.ts'
export type { Shape } from './shape.ts'
export { type DType, fixedDoubles, type NestedNumbers } from './storage.ts'
export { type Operand, Tape } from './tape.ts'
export { Tensor } from './tensor.ts'
