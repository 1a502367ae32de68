/** Calls of a native function with hostile arguments, the same ones for the same seed. */
import { type Native, native } from '../../src/native.ts'
import { ANYTHING, ARRAYS, EXTENTS, type HostileValue, NUMBERS } from './hostile-values.ts'
import { EXAMPLES } from './native-calls.ts'

export interface HostileCall {
  /** The whole call, for a report. */
  text: string
  name: keyof Native
  args: unknown[]
  /** The same, with the values of a descriptor's fields in its place. */
  values: unknown[]
  isa: string
  precision: string
  /** Whether the call is recorded, and run as a tape. */
  isRecorded: boolean
}

type Words = Float32Array | Float64Array | Int32Array | Uint32Array
type Change = (call: Draft) => void

interface Draft {
  args: unknown[]
  labels: string[]
}

/** Integers below a limit (Steele's SplitMix, in 32 bits). */
type Draw = (limit: number) => number

function drawFrom(seed: number): Draw {
  let state = seed >>> 0
  return (limit) => {
    state = (state + 0x9e3779b9) >>> 0
    let word = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    word = Math.imul(word ^ (word >>> 15), 0x735a2d97)
    return Math.floor((((word ^ (word >>> 15)) >>> 0) / 2 ** 32) * limit)
  }
}

function describe(value: unknown): string {
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}(${(value as Words).length})`
  if (value instanceof ArrayBuffer) return `ArrayBuffer(${value.byteLength})`
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'string') return `'${value}'`
  return typeof value === 'object' && value !== null ? 'tape' : String(value)
}

function replace(place: number, { label, make }: HostileValue): Change {
  return ({ args, labels }) => {
    args[place] = make()
    labels[place] = label
  }
}

const isPlain = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

/** How the values of a call become its arguments. */
interface Form {
  values: unknown[]
  pack: (values: unknown[]) => unknown[]
}

/** A call whose only argument is a descriptor has the values of all its fields, those of tuples one by one. */
function formOf(args: readonly unknown[]): Form {
  const [descriptor] = args
  if (!isPlain(descriptor)) return { values: [...args], pack: (values) => values }
  const entries = Object.entries(descriptor as object)
  const pack = (values: unknown[]): unknown[] => {
    let place = 0
    const fields = entries.map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map(() => values[place++]) : values[place++],
    ])
    return [Object.fromEntries(fields)]
  }
  return { values: entries.flatMap(([, value]) => value), pack }
}

/** Every hostile value in place of a descriptor, and of each of its fields. */
function* hostileDescriptors(args: readonly unknown[]): Generator<{ text: string; args: unknown[] }> {
  const [descriptor] = args
  if (!isPlain(descriptor)) return
  for (const { label, make } of ANYTHING) {
    yield { text: label, args: [make()] }
    for (const name of Object.keys(descriptor as object)) {
      yield { text: `{ …, ${name}: ${label} }`, args: [{ ...(descriptor as object), [name]: make() }] }
    }
  }
}

/** Not of what only looks like one, such as a proxy. */
const isWords = (value: unknown): value is Words =>
  ArrayBuffer.isView(value) &&
  [Float32Array, Float64Array, Int32Array, Uint32Array].some((Kind) => value instanceof Kind)

/**
 * Puts all typed arrays in one small buffer, so that what the function writes may be what it reads. Integers are 0: valid
 * ids, until something else is written there.
 */
function overlap(draw: Draw): Change {
  const buffer = new ArrayBuffer(512)
  const words = new Uint32Array(buffer)
  for (let i = 0; i < words.length; i++) words[i] = draw(2 ** 32)
  return ({ args, labels }) => {
    args.forEach((value, place) => {
      if (!isWords(value)) return
      const length = Math.min(value.length, 512 / value.BYTES_PER_ELEMENT)
      const offset = 8 * draw(Math.floor((512 - length * value.BYTES_PER_ELEMENT) / 8) + 1)
      const Kind = value.constructor as Float32ArrayConstructor
      const view = new Kind(buffer, offset, length)
      if (value instanceof Int32Array) view.fill(0)
      args[place] = view
      labels[place] += ` at byte ${offset} of the one buffer`
    })
  }
}

function pick<T>(items: readonly T[], draw: Draw): T {
  return items[draw(items.length)]!
}

/** Mostly a value of the type that belongs there. */
function hostileInstead(value: unknown, draw: Draw): HostileValue {
  if (draw(3) === 0) return pick(ANYTHING, draw)
  if (typeof value === 'number') return pick(NUMBERS, draw)
  return pick(
    isWords(value) ? ARRAYS.filter(({ label }) => label.startsWith(value.constructor.name)) : ANYTHING,
    draw,
  )
}

function anyChange(example: readonly unknown[], draw: Draw): Change {
  const place = draw(example.length)
  switch (draw(8)) {
    case 0:
      return ({ args, labels }) => {
        args.length = labels.length = place
      }
    case 1:
      return ({ args, labels }) => {
        const { label, make } = pick(ANYTHING, draw)
        args.push(make())
        labels.push(label)
      }
    case 2:
      return overlap(draw)
    default:
      return replace(place, hostileInstead(example[place], draw))
  }
}

/** Every hostile value in every place, and pairs of extents. */
function* systematicChanges(example: readonly unknown[]): Generator<Change[]> {
  for (let place = 0; place < example.length; place++) {
    for (const value of ANYTHING) yield [replace(place, value)]
    for (let other = 0; other < Math.min(place, 3); other++) {
      if (typeof example[place] !== 'number' || typeof example[other] !== 'number') continue
      for (const a of EXTENTS) for (const b of EXTENTS) yield [replace(other, a), replace(place, b)]
    }
  }
}

function* changes(example: readonly unknown[], count: number, draw: Draw): Generator<Change[]> {
  yield []
  const systematic = [...systematicChanges(example)]
  yield* systematic
  const rest = Math.max(count - systematic.length, count / 2)
  for (let i = 0; i < rest; i++) yield Array.from({ length: 1 + draw(3) }, () => anyChange(example, draw))
}

/** At least `count` calls; the first one is valid, and not recorded. */
export function* hostileCalls(name: keyof Native, count: number, seed: number): Generator<HostileCall> {
  const draw = drawFrom(seed)
  const isas = native.availableIsas()
  for (const some of changes(formOf(EXAMPLES[name]()).values, count, draw)) {
    const { values, pack } = formOf(EXAMPLES[name]())
    const labels = values.map(describe)
    for (const change of some) change({ args: values, labels })
    const args = pack(values)
    const isa = pick(isas, draw)
    const precision = pick(['highest', 'high', 'medium'], draw)
    const isRecorded = some.length > 0 && draw(4) === 0
    const text = `${name}(${labels.join(', ')}) with ${isa}, ${precision}${isRecorded ? ', recorded' : ''}`
    yield { text, name, args, values, isa, precision, isRecorded }
  }
  for (const { text, args } of hostileDescriptors(EXAMPLES[name]())) {
    const isRecorded = draw(4) === 0
    yield {
      text: `${name}(${text})`,
      name,
      args,
      values: [],
      isa: 'scalar',
      precision: 'highest',
      isRecorded,
    }
  }
}
