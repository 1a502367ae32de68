/** Memory that another thread works on cannot be taken away; a tape with other memory runs in the calling thread. */
import { describe, expect, it } from 'vitest'
import { native } from '../../src/native.ts'
import { add, axpy, gatherRows, Tape, Tensor } from '../../src/tensor/index.ts'

/** Takes the buffer away in every way that this version of Node has. */
function takeAway(buffer: ArrayBufferLike): void {
  const unknown = buffer as unknown as { transfer?: () => void; resize?: (bytes: number) => void }
  for (const way of [
    () => structuredClone(null, { transfer: [buffer as ArrayBuffer] }),
    () => new MessageChannel().port1.postMessage(null, [buffer as ArrayBuffer]),
    () => unknown.transfer?.(),
    () => unknown.resize?.(0),
  ]) {
    try {
      way()
    } catch {
      // Refused, or done without effect.
    }
  }
}

describe('fixed memory', () => {
  it.each([1, 100, 2 ** 16, 2 ** 20])('of %i floats stays where it is', (size) => {
    const tensor = Tensor.fixed([size]).fill(3)
    takeAway(tensor.data.buffer)
    expect(tensor.data.length).toBe(size)
    expect(tensor.at(size - 1)).toBe(3)
  })

  it('is zero, aligned and apart from other tensors', () => {
    const tensors = Array.from({ length: 5000 }, (_, i) => Tensor.fixed([i % 130]))
    for (const { data } of tensors) {
      expect(data.byteOffset % 64).toBe(0)
      expect(data.every((value) => value === 0)).toBe(true)
    }
    tensors.forEach((tensor, i) => void tensor.fill(i))
    expect(tensors.every((tensor, i) => tensor.data.every((value) => value === i))).toBe(true)
  })

  it('is locked by what a tape uses of it, not by the buffer', async () => {
    const [a, b] = [Tensor.fixed([4]), Tensor.fixed([4])]
    expect(a.data.buffer).toBe(b.data.buffer)
    const tape = Tape.record(() => void axpy(1, a, a))
    const run = tape.runInBackground()
    expect(() => add(a, a)).toThrow('a training step is at work')
    expect(() => add(b, b)).not.toThrow()
    await run
    expect(() => add(a, a)).not.toThrow()
  })

  it('is locked for other tapes too', async () => {
    const [a, b] = [Tensor.fixed([4]), Tensor.fixed([4])]
    const [first, second] = [Tape.record(() => void axpy(1, a, a)), Tape.record(() => void axpy(1, a, b))]
    const run = first.runInBackground()
    expect(() => second.run()).toThrow('another one is at work on its tensors')
    expect(() => second.runInBackground()).toThrow('another one is at work on its tensors')
    await run
    expect(second.run()).toBe(true)
  })

  it('is what a tape needs to run on a thread of its own', async () => {
    const [fixed, ordinary] = [Tensor.fixed([4]), Tensor.full([4], 1)]
    const tape = Tape.record(() => void axpy(1, ordinary, fixed))
    expect(tape.runsInBackground).toBe(false)
    const run = tape.runInBackground()
    expect(fixed.at(0)).toBe(1) // already
    expect(await run).toBe(true)
    expect(Tape.record(() => void axpy(1, fixed, fixed)).runsInBackground).toBe(true)
  })
})

it.each([
  ['detached', (buffer: ArrayBuffer) => structuredClone(buffer, { transfer: [buffer] })],
  [
    'transferred',
    (buffer: ArrayBuffer) =>
      (buffer as { transfer?(): ArrayBuffer }).transfer?.() ??
      structuredClone(buffer, { transfer: [buffer] }),
  ],
  ['shrunk', (buffer: ArrayBuffer) => buffer.resize(16)],
  ['shrunk to nothing', (buffer: ArrayBuffer) => buffer.resize(0)],
])(
  'a tape refuses to run on a buffer that was %s, and runs at once on one that could be',
  async (_, take) => {
    const data = new Float32Array(new ArrayBuffer(64, { maxByteLength: 64 }))
    const [x, out] = [new Float32Array(16).fill(2), data]
    const tape = Tape.record(() => native.axpy(1, 16, 3, x, 0, 16, out, 0, 16))
    expect(tape.runsInBackground).toBe(false)
    const run = tape.runInBackground()
    expect(data[15]).toBe(6)
    expect(await run).toBe(true)
    take(data.buffer as ArrayBuffer)
    expect(() => tape.run()).toThrow('one of its buffers is detached')
    expect(() => tape.runInBackground()).toThrow('one of its buffers is detached')
  },
)

it('a tape refuses to run on a buffer that has become too short for it', () => {
  const buffer = new (
    ArrayBuffer as unknown as new (
      bytes: number,
      options: object,
    ) => ArrayBuffer & { resize(bytes: number): void }
  )(64, { maxByteLength: 2 ** 20 })
  const floats = new Float32Array(buffer)
  native.startRecording()
  native.fill(1, 8, floats, 4, 0, 2)
  const tape = native.stopRecording()
  native.runTape(tape)
  for (const bytes of [0, 44]) {
    buffer.resize(bytes)
    expect(() => native.runTape(tape)).toThrow('too short')
  }
  buffer.resize(48)
  expect(native.runTape(tape)).toBe(true)
  expect([...new Float32Array(buffer)]).toEqual([0, 0, 0, 0, 2, 2, 2, 2, 2, 2, 2, 2])
})

it('a failed operation is named, with the token', async () => {
  const table: Tensor<'float32', [number, number]> = Tensor.fixed([3, 2])
  const [ids, out] = [Tensor.fixed([4], 'int32'), Tensor.fixed([4, 2])]
  const tape = Tape.record(() => gatherRows('op', table, ids, out))
  ids.set(9999, 2)
  const message = 'gatherRows: token id 9999 at 2 is outside 0…2'
  expect(() => tape.run()).toThrow(message)
  await expect(tape.runInBackground()).rejects.toThrow(message)
})

it('only a tape is taken for one', () => {
  const others = [null, {}, 1, Tensor.fixed([1]).data, native]
  for (const other of others) {
    expect(() => native.runTape(other as never)).toThrow('what stopRecording returned')
    expect(() => native.runTapeInBackground(other as never)).toThrow('what stopRecording returned')
  }
})
