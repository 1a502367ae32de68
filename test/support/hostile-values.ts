/** Values that a native function must refuse or survive, each with the text that a report shows for it. */
import { createSecureContext } from 'node:tls'
import { native } from '../../src/native.ts'

export interface HostileValue {
  label: string
  /** Makes a new one: calls may change it. */
  make: () => unknown
}

type Words = Float32Array | Float64Array | Int32Array | Uint32Array

interface ArrayKind {
  readonly name: string
  readonly BYTES_PER_ELEMENT: number
  readonly prototype: Words
  new (data: number | ArrayBufferLike, byteOffset?: number, length?: number): Words
}

const BYTES = 512
const GROWS = { maxByteLength: 2 * BYTES }

const growable = () =>
  new (SharedArrayBuffer as new (bytes: number, options: typeof GROWS) => SharedArrayBuffer)(BYTES, GROWS)

export function detach(buffer: ArrayBufferLike): void {
  structuredClone(null, { transfer: [buffer as ArrayBuffer] })
}

function detached<View extends ArrayBufferView>(view: View): View {
  detach(view.buffer)
  return view
}

function shrunk<View>(makeView: (buffer: ArrayBuffer) => View): View {
  const buffer = new ArrayBuffer(BYTES, GROWS)
  const view = makeView(buffer)
  buffer.resize(8)
  return view
}

/** Typed arrays of a kind: of every kind of buffer, in every state of it, and with contents that are no index or count. */
function arraysOf(Kind: ArrayKind): HostileValue[] {
  const contents = [Number.NaN, -1, 0.5, 2 ** 31 - 1, 2 ** 52, 1e300, Number.POSITIVE_INFINITY]
  const arrays: [string, () => unknown][] = [
    ['of no elements', () => new Kind(0)],
    ['of one element', () => new Kind(1)],
    ['of 64 zeros', () => new Kind(64)],
    ['at the end of its buffer', () => new Kind(new ArrayBuffer(BYTES), BYTES - 32)],
    ['detached', () => detached(new Kind(64))],
    ['of shared memory', () => new Kind(new SharedArrayBuffer(BYTES))],
    ['of growable shared memory', () => new Kind(growable())],
    ['of a resizable buffer', () => new Kind(new ArrayBuffer(BYTES, GROWS))],
    ['of a resizable buffer, shrunk', () => shrunk((buffer) => new Kind(buffer))],
    ['of a resizable buffer, out of its bounds', () => shrunk((buffer) => new Kind(buffer, 16, 8))],
    ['of fixed memory', () => new Kind(native.fixedBuffer(BYTES) ?? BYTES / 8)],
    ['behind a proxy', () => new Proxy(new Kind(64), {})],
    ['by its prototype alone', () => Object.create(Kind.prototype)],
    ...contents.map((value): [string, () => unknown] => [
      `filled with ${value}`,
      () => new Kind(BYTES / Kind.BYTES_PER_ELEMENT).fill(value),
    ]),
  ]
  return arrays.map(([label, make]) => ({ label: `${Kind.name} ${label}`, make }))
}

export const NUMBERS: readonly HostileValue[] = [
  ...[0, -0, 1, 2, 3, 5, 100, -1, 0.5, 1e300, 5e-324],
  ...[
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32,
    2 ** 33,
    2 ** 33 + 1,
    2 ** 52,
    2 ** 53 - 1,
    2 ** 53,
    2 ** 64,
    -(2 ** 31),
  ],
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
].map((value) => ({ label: String(value), make: () => value }))

/** Extents that, taken together, may be a matrix without elements, yet of more rows than any loop could visit. */
export const EXTENTS: readonly HostileValue[] = NUMBERS.filter(({ label }) =>
  ['0', '1', '2', String(2 ** 32), String(2 ** 33), String(2 ** 52)].includes(label),
)

const ARRAY_KINDS: readonly ArrayKind[] = [Float32Array, Float64Array, Int32Array, Uint32Array]

export const ARRAYS: readonly HostileValue[] = ARRAY_KINDS.flatMap(arraysOf)

/** Later than Node 20. */
const { Float16Array = Uint16Array } = globalThis as { Float16Array?: Uint16ArrayConstructor }

function refuseToConvert(): never {
  throw new Error('a conversion that throws')
}

const OTHERS: readonly HostileValue[] = (
  [
    ['undefined', () => undefined],
    ['null', () => null],
    ['true', () => true],
    ["''", () => ''],
    ["'1'", () => '1'],
    ["'avx2\\0'", () => 'avx2\0'],
    ['a symbol', () => Symbol('hostile')],
    ['0n', () => 0n],
    ['-1n', () => -1n],
    ['2n ** 64n', () => 2n ** 64n],
    ['2n ** 64n - 1n', () => 2n ** 64n - 1n],
    ['{}', () => ({})],
    ['an object that throws', () => ({ toString: refuseToConvert, valueOf: refuseToConvert })],
    ['an object without a prototype', () => Object.create(null)],
    ['a function that throws', () => refuseToConvert],
    ['a class', () => class {}],
    ['a revoked proxy', () => revokedProxy()],
    ['a Number object', () => Object(1)],
    ['[]', () => []],
    ['[0, 0, …]', () => new Array(64).fill(0)],
    ['a Promise', () => Promise.resolve()],
    ['a Uint8Array', () => new Uint8Array(BYTES)],
    ['an Int16Array', () => new Int16Array(BYTES)],
    ['a Float16Array', () => new Float16Array(BYTES)],
    ['a BigInt64Array', () => new BigInt64Array(64)],
    ['a Buffer', () => Buffer.alloc(BYTES)],
    ['a DataView', () => new DataView(new ArrayBuffer(BYTES))],
    ['an ArrayBuffer', () => new ArrayBuffer(BYTES)],
    ['an ArrayBuffer of no bytes', () => new ArrayBuffer(0)],
    ['an ArrayBuffer, detached', () => detached(new Uint8Array(BYTES)).buffer],
    ['an ArrayBuffer, resizable', () => new ArrayBuffer(BYTES, GROWS)],
    ['a SharedArrayBuffer', () => new SharedArrayBuffer(BYTES)],
    ['an external of Node', () => externalOfNode],
    ['a tape', () => anyTape()],
    ['native', () => native],
  ] as [string, () => unknown][]
).map(([label, make]) => ({ label, make }))

export const ANYTHING: readonly HostileValue[] = [...NUMBERS, ...ARRAYS, ...OTHERS]

const externalOfNode = (createSecureContext().context as unknown as { _external: unknown })._external

function revokedProxy(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

let tape: unknown
function anyTape(): unknown {
  if (tape === undefined) {
    native.startRecording()
    native.fill(1, 4, new Float32Array(4), 0, 4, 1)
    tape = native.stopRecording()
  }
  return tape
}
