import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { CbowLm, LanguageModel, State } from '../../src/models/index.ts'
import { Random } from '../../src/tensor/index.ts'

const V = 11
const MODELS = {
  'stacked LSTMs': new LanguageModel({
    cell: 'lstm',
    layers: 2,
    vocabSize: V,
    wordvecSize: 5,
    hiddenSize: 7,
  }),
  GRU: new LanguageModel({ cell: 'gru', vocabSize: V, wordvecSize: 5, hiddenSize: 3 }),
  'window of 4': new CbowLm(V, 5, { window: 4 }),
  'window of 1': new CbowLm(V, 5, { window: 1 }),
}
type Name = keyof typeof MODELS
const NAMES = Object.keys(MODELS) as Name[]

/** A state of N rows that differ. */
function stateOf(name: Name, N: number, seed = 1): State {
  const model = MODELS[name]
  const rng = new Random(seed)
  let state = model.initialState(N)
  for (let t = 0; t < 3; t++) {
    const ids = Int32Array.from({ length: N }, () => Math.floor(rng.uniform() * V))
    state = model.step(ids, state).state
  }
  return state
}

const arraysOf = (state: State) => state.layers.map((tensors) => tensors.map((tensor) => tensor.toArray()))

describe.each(NAMES)('a state of %s', (name) => {
  it('is split into rows and put together again', () => {
    const state = stateOf(name, 3)
    const rows = [0, 1, 2].map((i) => state.row(i))
    expect(rows.map((row) => row.rows)).toEqual([1, 1, 1])
    expect(arraysOf(State.concat(rows))).toEqual(arraysOf(state))
    const more = State.concat([rows[2]!, state, rows[0]!])
    expect(more.rows).toBe(5)
    expect([0, 1, 2, 3, 4].map((i) => arraysOf(more.row(i)))).toEqual(
      [2, 0, 1, 2, 0].map((i) => arraysOf(rows[i]!)),
    )
  })

  it('comes back from its bytes, and continues as before', () => {
    const model = MODELS[name]
    const state = stateOf(name, 3)
    const bytes = state.toBytes()
    const back = State.fromBytes(bytes)
    expect(arraysOf(back)).toEqual(arraysOf(state))
    expect(back.toBytes()).toEqual(bytes)
    const ids = Int32Array.of(1, 2, 3)
    expect(model.step(ids, back).logProbs.toArray()).toEqual(model.step(ids, state).logProbs.toArray())
    const inside = new Uint8Array(bytes.length + 9).fill(1)
    inside.set(bytes, 5)
    expect(arraysOf(State.fromBytes(inside.subarray(5, 5 + bytes.length)))).toEqual(arraysOf(state))
    expect(arraysOf(State.fromBytes(Buffer.from(bytes)))).toEqual(arraysOf(state))
  })

  it('is refused if its bytes are cut off, longer, or changed anywhere', () => {
    const bytes = stateOf(name, 2).toBytes()
    for (let length = 0; length < bytes.length; length++)
      expect(() => State.fromBytes(bytes.subarray(0, length))).toThrow(/^State.fromBytes: bytes: /)
    expect(() => State.fromBytes(Buffer.concat([bytes, Buffer.of(0)]))).toThrow('the checksum does not match')
    for (let i = 0; i < bytes.length; i++) {
      const changed = bytes.slice()
      changed[i]! ^= 1 << (i % 8)
      expect(() => State.fromBytes(changed)).toThrow(/^State.fromBytes: bytes: /)
    }
  })

  it('never changes', () => {
    const state = stateOf(name, 2)
    const before = arraysOf(state)
    for (const tensor of state.layers.flat()) tensor.data.fill(5)
    for (const tensor of state.row(0).layers.flat()) tensor.data.fill(6)
    MODELS[name].step(Int32Array.of(4, 4), state)
    State.concat([state, state]).toBytes().fill(0)
    expect(arraysOf(state)).toEqual(before)
  })
})

/** Bytes with a valid checksum over any content. */
function bytesOf(numbers: readonly number[], ...elements: Uint8Array[]): Uint8Array {
  const list = Buffer.alloc(4 * numbers.length)
  numbers.forEach((number, i) => {
    list.writeUInt32LE(number, 4 * i)
  })
  const content = Buffer.concat([list, ...elements])
  const head = Buffer.from('rnnlmst1....', 'latin1')
  head.writeUInt32LE(crc32(content), 8)
  return Buffer.concat([head, content])
}

const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer)
const HUGE = 2 ** 32 - 1

describe('State.fromBytes', () => {
  it('takes what it should', () => {
    const state = State.fromBytes(bytesOf([2, 1, 1, 0, 2, 3], floats(1, 2, 3, 4, 5, 6)))
    expect(arraysOf(state)).toEqual([
      [
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
      ],
    ])
    expect(String(state)).toBe('State of 2 rows of float32 [3]')
  })

  it.each([
    ['not a state, or one of another version', new Uint8Array(0)],
    ['not a state, or one of another version', Buffer.from('rnnlmst2 and more')],
    ['not a state, or one of another version', Buffer.alloc(100)],
    ['its list of tensors is cut off', bytesOf([])],
    ['it has no rows or no layers', bytesOf([0, 1, 1, 0, 2, 3])],
    ['it has no rows or no layers', bytesOf([2, 0])],
    ['a layer has no tensors', bytesOf([2, 1, 0])],
    ['its list of tensors is cut off', bytesOf([2, HUGE, 1, 0, 2, 3])],
    ['its list of tensors is cut off', bytesOf([2, 1, HUGE, 0, 2, 3])],
    ['a tensor has an unknown type', bytesOf([2, 1, 1, 2, 2, 3], floats(1, 2, 3, 4, 5, 6))],
    ['a tensor has rank 0', bytesOf([2, 1, 1, 0, 0])],
    ['a tensor has rank 4294967295', bytesOf([2, 1, 1, 0, HUGE, 3])],
    ['its tensors have 24 bytes, and 20 bytes are there', bytesOf([2, 1, 1, 0, 2, 3], floats(1, 2, 3, 4, 5))],
    ['its tensors have 24 bytes, and 28 bytes', bytesOf([2, 1, 1, 0, 2, 3], floats(1, 2, 3, 4, 5, 6, 7))],
    ['bytes, and 0 bytes are there', bytesOf([HUGE, 1, 1, 0, 2, HUGE])],
    ['bytes, and 0 bytes are there', bytesOf([HUGE, 1, 1, 0, 8, ...new Array(7).fill(HUGE)])],
    ['it has numbers that are not finite', bytesOf([1, 1, 1, 0, 2, 2], floats(1, Number.NaN))],
    ['it has numbers that are not finite', bytesOf([1, 1, 1, 0, 2, 1], floats(-Infinity))],
  ])('says "%s"', (problem, bytes) => {
    expect(() => State.fromBytes(bytes)).toThrow(RangeError)
    expect(() => State.fromBytes(bytes)).toThrow('State.fromBytes: bytes: ')
    expect(() => State.fromBytes(bytes)).toThrow(problem)
  })

  it.each([[undefined], [[1, 2]], ['rnnlmst1'], [new ArrayBuffer(8)], [new Float32Array(8)]])(
    'wants bytes, not %s',
    (bytes) => {
      expect(() => State.fromBytes(bytes as never)).toThrow(
        /^State.fromBytes: bytes: expected a Uint8Array that toBytes returned, got /,
      )
    },
  )

  it('gives states that another model, or a wrong id in a window, is protected from', () => {
    const [gru, window] = [MODELS.GRU, MODELS['window of 4']]
    const other = State.fromBytes(bytesOf([1, 1, 1, 0, 2, 2], floats(1, 2)))
    expect(() => gru.step(Int32Array.of(1), other)).toThrow(
      'step: state: its rows are float32 [2], and those of this model are',
    )
    const places = new Uint8Array(Int32Array.of(0, 12, 2).buffer)
    const wrong = State.fromBytes(bytesOf([1, 1, 1, 1, 2, 3], places))
    expect(() => window.step(Int32Array.of(1), wrong)).toThrow(
      'TokenHistory.read: state: token id 12 at [0, 1] is outside 0…11',
    )
    expect(() => window.step(Int32Array.of(1), stateOf('GRU', 1))).toThrow(
      'step: state: its rows are float32 [3], and those of this model are int32 [3]',
    )
  })
})

describe('states that do not fit', () => {
  it('are refused by concat', () => {
    const [a, b] = [stateOf('GRU', 1), stateOf('stacked LSTMs', 1)]
    expect(() => State.concat([])).toThrow(
      new TypeError('State.concat: states: expected an array of at least one State, got []'),
    )
    expect(() => State.concat(a as never)).toThrow(TypeError)
    expect(() => State.concat([a, {} as never])).toThrow(
      new TypeError('State.concat: states[1]: expected a State, got Object'),
    )
    expect(() => State.concat([a, b])).toThrow(
      'State.concat: states[1]: its rows are float32 [7], float32 [7]; float32 [7], float32 [7], and those of states[0] are float32 [3]',
    )
  })

  it.each([[-1], [3], [0.5], ['0'], [undefined]])('row %s is refused', (i) => {
    expect(() => stateOf('GRU', 3).row(i as number)).toThrow(
      /^State.row: i: expected an integer in 0…2, got /,
    )
  })
})
