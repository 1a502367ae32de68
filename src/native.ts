/**
 * Loads the addon, and lists its functions with their types. No other module knows that native code exists.
 *
 * A matrix is passed as several arguments: a typed array, the offset of the first element, the row stride and, if the
 * function takes any layout, the column stride, all in elements. A row stride of 0 repeats one row. Every function checks
 * types and bounds; the caller checks shapes.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import bindings from 'bindings'

export type Rows = [data: Float32Array, offset: number, rowStride: number]
type Strided = [data: Float32Array, offset: number, rowStride: number, columnStride: number]
type Vector = [data: Float32Array, offset: number]
type Ids = [data: Int32Array, offset: number]
export type Doubles = [data: Float64Array, offset: number]
type StridedIds = [data: Int32Array, offset: number, rowStride: number, columnStride: number]

type NumericArrays = readonly (Float32Array | Int32Array | Float64Array)[]

/** A recorded list of operations, opaque to JavaScript. */
export type NativeTape = { readonly __tape: unique symbol }

/** How float32 matrices are multiplied. */
export const PRECISIONS = ['highest', 'high', 'medium'] as const
export type Precision = (typeof PRECISIONS)[number]

/** Maps the rows of one matrix to the rows of another. */
export type RowsFunction = (rows: number, columns: number, ...operands: [...a: Rows, ...out: Rows]) => void
/** The column strides of a and b must be 0 or 1. */
type BinaryFunction = (
  rows: number,
  columns: number,
  ...operands: [...a: Strided, ...b: Strided, ...out: Rows]
) => void

/** Elementwise operations of one tensor, as in native/kernels/kernel_list.h. */
export type UnaryName = 'tanh' | 'sigmoid' | 'exp'
/** Elementwise operations of two tensors, likewise. */
export type BinaryName =
  | 'add'
  | 'subtract'
  | 'multiply'
  | 'divide'
  | 'tanhGradient'
  | 'sigmoidGradient'
  | 'addProduct'

/** An update of a parameter by its gradient; also has the settings and slots of its rule. */
export interface Update {
  rows: number
  columns: number
  lr: Doubles
  gradient: Rows
  parameter: Rows
}

type UpdateRule<Settings, Slot extends string = never> = (
  update: Update & Settings & Record<Slot, Rows>,
) => void

/**
 * The update rules of optimizers, as in native/kernels/update_rules.h, which has the formulas: their settings, and the
 * slots, which are what a rule remembers of the gradients of a parameter.
 */
export interface UpdateRules {
  updateDescent: UpdateRule<{ weightDecay: number }>
  updateMomentum: UpdateRule<{ momentum: number; isNesterov: boolean; hasLrInVelocity: boolean }, 'velocity'>
  updateRms: UpdateRule<{ forget: number; weight: number; eps: number }, 'h'>
  updateAdam: UpdateRule<
    {
      steps: Doubles
      beta1: number
      beta2: number
      eps: number
      hasCorrectedEps: boolean
      weightDecay: number
    },
    'm' | 'v'
  >
}

/** The functions of the addon. Functions that look up token ids return the position of the first invalid id, or -1. */
export interface Native
  extends Record<UnaryName, RowsFunction>,
    Record<BinaryName, BinaryFunction>,
    UpdateRules {
  availableIsas(): string[]
  currentIsa(): string
  selectIsa(name: string): boolean
  /** The precision that float32 matrices are multiplied in. */
  currentPrecision(): Precision
  /** The precisions that the instruction set in use has kernels for. */
  availablePrecisions(): Precision[]
  /** Returns whether a precision has that name. */
  selectPrecision(name: string): boolean
  /** Starts missing threads and returns the number of threads. */
  threadCount(): number
  setThreadCount(count: number): void
  /** Sets a callback that is called once per refusal in the process, if the system refuses to start threads. */
  onRefusedThreads(callback: (wanted: number, left: number) => void): void

  /** Locks an open file for this process by flock(2), without waiting; the lock ends when the file is closed. */
  lockFile(descriptor: number): 'locked' | 'held' | 'unsupported'

  /** The number of bytes before the first address in the buffer that is a multiple of 64. */
  alignedOffset(buffer: ArrayBuffer): number
  /** A buffer of zeros that can be neither transferred nor resized, or null if none is available. */
  fixedBuffer(bytes: number): ArrayBuffer | null
  /** Asks the system for pages of 2 MB. */
  preferLargePages(buffer: ArrayBuffer): void

  scale(rows: number, columns: number, ...operands: [...a: Rows, ...out: Rows, factor: number]): void
  axpy(rows: number, columns: number, alpha: number, ...operands: [...x: Rows, ...y: Rows]): void
  copy(rows: number, columns: number, ...operands: [...from: Strided, ...to: Strided]): void
  copyIntegers(rows: number, columns: number, ...operands: [...from: StridedIds, ...to: StridedIds]): void
  fill(rows: number, columns: number, ...operands: [...out: Rows, value: number]): void

  matmul(
    m: number,
    n: number,
    k: number,
    ...operands: [
      ...a: Strided,
      ...b: Strided,
      ...out: Rows,
      bias: Float32Array | null,
      biasOffset: number,
      accumulate: boolean,
      tanh: boolean,
    ]
  ): void

  /** The number of floats that holds a packed matrix, for any method. */
  packedSize(rows: number, columns: number): number
  /** Returns the method (instruction set and precision) it packed for, which matmulPacked takes. */
  packMatrix(rows: number, columns: number, ...operands: [...b: Strided, ...out: Vector]): number
  matmulPacked(
    m: number,
    n: number,
    k: number,
    ...operands: [
      ...a: Strided,
      ...b: Vector,
      method: number,
      ...out: Rows,
      bias: Float32Array | null,
      biasOffset: number,
      accumulate: boolean,
      tanh: boolean,
    ]
  ): void

  /** Returns the number of 32-bit words that compact weights take. */
  compactSize(rows: number, columns: number, int8: boolean): number
  packCompact(
    rows: number,
    columns: number,
    ...operands: [...b: Strided, int8: boolean, out: Uint32Array, outOffset: number, ...scales: Vector]
  ): void
  matmulCompact(
    m: number,
    n: number,
    k: number,
    ...operands: [
      ...a: Rows,
      int8: boolean,
      weights: Uint32Array,
      weightsOffset: number,
      ...scales: Vector,
      ...out: Rows,
      bias: Float32Array | null,
      biasOffset: number,
      accumulate: boolean,
    ]
  ): void

  sum(rows: number, columns: number, ...operands: [...a: Rows, ...out: Doubles]): void
  sumOfSquares(rows: number, columns: number, ...operands: [...a: Rows, ...out: Doubles]): void
  sumRows(rows: number, columns: number, ...operands: [...a: Rows, ...out: Vector]): void
  sumColumns(rows: number, columns: number, ...operands: [...a: Rows, ...out: Vector]): void
  argMax(rows: number, columns: number, ...operands: [...a: Rows, ...out: Ids]): void

  gatherRows(
    vocabulary: number,
    columns: number,
    ...operands: [...table: Rows, count: number, ...ids: Ids, ...out: Rows]
  ): number
  scatterAddRows(
    vocabulary: number,
    columns: number,
    ...operands: [...table: Rows, count: number, ...ids: Ids, ...rows: Rows]
  ): number

  /** Sets the rows to zero whose id is `id`. */
  clearRows(rows: number, columns: number, ...operands: [...ids: Ids, id: number, ...out: Rows]): void

  softmax: RowsFunction
  logSoftmax: RowsFunction
  countTargets(
    columns: number,
    count: number,
    ...operands: [...targets: Ids, ignored: number, ...sum: Doubles, ...counted: Doubles]
  ): number
  crossEntropy(
    rows: number,
    columns: number,
    ...operands: [...scores: Rows, ...targets: Ids, ignored: number, ...losses: Doubles, ...sum: Doubles]
  ): number
  crossEntropyWithGradient(
    rows: number,
    columns: number,
    ...operands: [
      ...scores: Rows,
      ...targets: Ids,
      ignored: number,
      ...losses: Doubles,
      ...sum: Doubles,
      ...counted: Doubles,
      ...out: Rows,
    ]
  ): number

  /** Returns whether the value is finite; if it is not, a tape stops here. */
  stopUnlessFinite(...value: Doubles): boolean
  clipRate(
    count: number,
    ...operands: [...squares: Doubles, maxNorm: number, ...norm: Doubles, ...rate: Doubles]
  ): void
  scaleBy(rows: number, columns: number, ...operands: [...factor: Doubles, ...a: Rows]): void

  countUpdate(...steps: Doubles): void

  /** Until `stopRecording`, operations are recorded instead of run. */
  startRecording(): void
  stopRecording(): NativeTape
  /** Whether both tapes do the same on the same buffers. */
  equalTapes(a: NativeTape, b: NativeTape): boolean
  /** Whether no operation has written to the tape's buffers, and none would compute otherwise, since it was recorded. */
  isCurrent(tape: NativeTape): boolean
  /** Which of the arrays `to` is the first that nothing computed from `from` is written to, or -1. */
  firstUnreached(tape: NativeTape, from: NumericArrays, to: NumericArrays): number
  /**
   * The first operation that reads floats or integers that no operation of the tape writes and that are not in `inputs`,
   * or null.
   */
  firstStrayRead(tape: NativeTape, inputs: NumericArrays): string | null
  /** Runs the tape. Returns false if `stopUnlessFinite` stopped it. Throws if an operation failed. */
  runTape(tape: NativeTape): boolean
  /**
   * Runs the tape on another thread; its operands are locked until the promise settles. A tape with a buffer that could
   * be transferred or resized meanwhile runs on the calling thread before this returns.
   */
  runTapeInBackground(tape: NativeTape): Promise<boolean>
  /** Whether `runTapeInBackground` uses another thread for it. */
  runsInBackground(tape: NativeTape): boolean

  /** Draws from the stream `key` at the position, in words, and advances the position by whole blocks of four. */
  dropoutMask(
    count: number,
    key: bigint,
    ...operands: [...position: Doubles, ratio: number, ...out: Vector]
  ): void

  fillBits(key: bigint, counter: bigint, count: number, out: Uint32Array, offset: number): void
  fillUniform(
    key: bigint,
    counter: bigint,
    low: number,
    high: number,
    count: number,
    out: Float32Array,
    offset: number,
  ): void
  fillNormal(
    key: bigint,
    counter: bigint,
    scale: number,
    count: number,
    out: Float32Array,
    offset: number,
  ): void
}

const packageRoot = fileURLToPath(new URL('..', import.meta.url))

function load(): Native {
  const prebuilt = `${packageRoot}prebuilds/${process.platform}-${process.arch}/rnnlm.node`
  try {
    return bindings({ bindings: 'rnnlm', module_root: packageRoot }) as Native
  } catch (cause) {
    if (existsSync(prebuilt)) return createRequire(import.meta.url)(prebuilt) as Native
    throw new Error(
      `the native addon of rnnlm is not built for ${process.platform}-${process.arch}. ` +
        'Build it with "npm rebuild rnnlm" (in a checkout of rnnlm: "npm run build:native"); it needs python3, make and a C++17 compiler. ' +
        'If npm skipped the build because install scripts need approval, run "npm approve-scripts rnnlm" first.',
      { cause },
    )
  }
}

/** Selects the instruction set named by `RNNLM_ISA`; the default is the best one of this machine. */
function selectIsa(native: Native, wanted: string | undefined): void {
  if (wanted && !native.selectIsa(wanted)) {
    throw new Error(
      `RNNLM_ISA: expected one of ${native.availableIsas().join(', ')} (what this machine has), got ${JSON.stringify(wanted)}`,
    )
  }
}

/** Sets the number of threads to `RNNLM_THREADS`; the default is the number of cores that the process may use. */
function setThreads(native: Native, wanted: string | undefined): void {
  if (!wanted) return
  const count = Number(wanted)
  if (!Number.isInteger(count) || count < 1) {
    throw new Error(`RNNLM_THREADS: expected an integer of at least 1, got ${JSON.stringify(wanted)}`)
  }
  native.setThreadCount(count)
}

function warnOfRefusedThreads(wanted: number, left: number): void {
  process.emitWarning(
    `the system refused to start ${wanted} threads, so that ${left} work together. ` +
      `Raise the limit of processes, or set RNNLM_THREADS=${left}.`,
    'RnnlmWarning',
  )
}

export const native: Native = load()
native.onRefusedThreads(warnOfRefusedThreads)
selectIsa(native, process.env.RNNLM_ISA)
setThreads(native, process.env.RNNLM_THREADS)
