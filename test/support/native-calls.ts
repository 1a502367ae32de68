/** One valid call of each native function; the type checker and the fuzz test see to it that none is missing. */
import { openSync } from 'node:fs'
import { devNull } from 'node:os'
import { type Native, type NativeTape, native, type Update } from '../../src/native.ts'

const [R, C, K] = [3, 4, 5]
const [OFFSET, STRIDE] = [1, 6]

const floats = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => (i % 7) / 8 - 0.25)
const vector = (length = C) => [floats(OFFSET + length), OFFSET] as const
const rows = () => [floats(OFFSET + STRIDE * R), OFFSET, STRIDE] as const
const strided = (count = R) => [floats(OFFSET + STRIDE * count), OFFSET, STRIDE, 1] as const
const repeated = () => [floats(OFFSET + C), OFFSET, 0, 1] as const
const doubles = (length = 1) => [new Float64Array(OFFSET + length).fill(0.5), OFFSET] as const
const ids = () => [Int32Array.of(9, 0, 2, 1), OFFSET] as const
const stridedIds = () => [new Int32Array(OFFSET + STRIDE * R), OFFSET, STRIDE, 1] as const
const words = () => [new Uint32Array(OFFSET + C), OFFSET] as const
const packed = () => [floats(OFFSET + native.packedSize(K, C)), OFFSET] as const

const compact = () => [new Uint32Array(OFFSET + native.compactSize(K, C, true)), OFFSET] as const

const nothing = (): [] => []
const unary = () => [R, C, ...rows(), ...rows()] as const
const binary = () => [R, C, ...strided(), ...repeated(), ...rows()] as const

function update(): Update {
  return { rows: R, columns: C, lr: [...doubles()], gradient: [...rows()], parameter: [...rows()] }
}

function tape(): NativeTape {
  native.startRecording()
  native.fill(R, C, ...rows(), 1)
  return native.stopRecording()
}

/** Of a file that is open for as long as the process lives. */
let descriptor: number | undefined

/** Each makes the arguments, in buffers of their own. */
export const EXAMPLES: { readonly [Name in keyof Native]: () => Readonly<Parameters<Native[Name]>> } = {
  availableIsas: nothing,
  currentIsa: nothing,
  selectIsa: () => ['scalar'],
  currentPrecision: nothing,
  availablePrecisions: nothing,
  selectPrecision: () => ['highest'],
  threadCount: nothing,
  setThreadCount: () => [2],
  onRefusedThreads: () => [() => {}],
  lockFile: () => {
    descriptor ??= openSync(devNull, 'r')
    return [descriptor]
  },

  alignedOffset: () => [new ArrayBuffer(64)],
  fixedBuffer: () => [64],
  preferLargePages: () => [new ArrayBuffer(8192)],

  add: binary,
  subtract: binary,
  multiply: binary,
  divide: binary,
  tanhGradient: binary,
  sigmoidGradient: binary,
  addProduct: binary,
  tanh: unary,
  sigmoid: unary,
  exp: unary,
  scale: () => [R, C, ...rows(), ...rows(), 2],
  axpy: () => [R, C, 2, ...rows(), ...rows()],
  copy: () => [R, C, ...strided(), ...strided()],
  copyIntegers: () => [R, C, ...stridedIds(), ...stridedIds()],
  fill: () => [R, C, ...rows(), 2],

  matmul: () => [R, C, K, ...strided(), ...strided(K), ...rows(), ...vector(), false, true],
  packedSize: () => [K, C],
  packMatrix: () => [K, C, ...strided(K), ...packed()],
  matmulPacked: () => [R, C, K, ...strided(), ...packed(), 0, ...rows(), ...vector(), true, false],

  compactSize: () => [K, C, true],
  packCompact: () => [K, C, ...strided(K), true, ...compact(), ...vector()],
  matmulCompact: () => [R, C, K, ...rows(), true, ...compact(), ...vector(), ...rows(), ...vector(), true],

  sum: () => [R, C, ...rows(), ...doubles()],
  sumOfSquares: () => [R, C, ...rows(), ...doubles()],
  sumRows: () => [R, C, ...rows(), ...vector()],
  sumColumns: () => [R, C, ...rows(), ...vector(R)],
  argMax: () => [R, C, ...rows(), ...ids()],

  gatherRows: () => [R, C, ...rows(), R, ...ids(), ...rows()],
  scatterAddRows: () => [R, C, ...rows(), R, ...ids(), ...rows()],

  clearRows: () => [R, C, ...ids(), 2, ...rows()],

  softmax: unary,
  logSoftmax: unary,
  countTargets: () => [C, R, ...ids(), -1, ...doubles(), ...doubles()],
  crossEntropy: () => [R, C, ...rows(), ...ids(), -1, ...doubles(R), ...doubles()],
  crossEntropyWithGradient: () => [
    R,
    C,
    ...rows(),
    ...ids(),
    -1,
    ...doubles(R),
    ...doubles(),
    ...doubles(),
    ...rows(),
  ],

  stopUnlessFinite: doubles,
  clipRate: () => [R, ...doubles(R), 1, ...doubles(), ...doubles()],
  scaleBy: () => [R, C, ...doubles(), ...rows()],

  countUpdate: doubles,
  updateDescent: () => [{ ...update(), weightDecay: 0.1 }],
  updateMomentum: () => [
    { ...update(), momentum: 0.9, isNesterov: true, hasLrInVelocity: false, velocity: [...rows()] },
  ],
  updateRms: () => [{ ...update(), forget: 0.1, weight: 0.1, eps: 1e-8, h: [...rows()] }],
  updateAdam: () => [
    {
      ...update(),
      steps: [...doubles()],
      beta1: 0.9,
      beta2: 0.999,
      eps: 1e-8,
      hasCorrectedEps: false,
      weightDecay: 0.1,
      m: [...rows()],
      v: [...rows()],
    },
  ],

  startRecording: nothing,
  stopRecording: nothing,
  equalTapes: () => [tape(), tape()],
  isCurrent: () => [tape()],
  firstUnreached: () => [tape(), [floats(C)], [floats(C), new Int32Array(C)]],
  firstStrayRead: () => [tape(), [floats(C), new Float64Array(C)]],
  runTape: () => [tape()],
  runTapeInBackground: () => [tape()],
  runsInBackground: () => [tape()],

  dropoutMask: () => [C, 7n, ...doubles(), 0.5, ...vector()],
  fillBits: () => [7n, 1n, C, ...words()],
  fillUniform: () => [7n, 1n, -1, 1, C, ...vector()],
  fillNormal: () => [7n, 1n, 1, C, ...vector()],
}
