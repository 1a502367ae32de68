import { describe, expect, it } from 'vitest'
import {
  add,
  axpy,
  matmul,
  Scalar,
  scale,
  setFloat32MatmulPrecision,
  stopUnlessFinite,
  Tape,
  Tensor,
} from '../../src/tensor/index.ts'

/** In memory that cannot be taken away, so that a tape runs on a thread of its own. */
function fixed(rows: number[][]): Tensor {
  return Tensor.fixed([rows.length, rows[0]!.length]).copyFrom(Tensor.from(rows)) as Tensor
}

const make = () => ({
  a: fixed([
    [1, 2],
    [3, 4],
  ]),
  b: fixed([
    [0, 1],
    [1, 0],
  ]),
  out: Tensor.fixed([2, 2]) as Tensor,
})

describe('Tape', () => {
  it('runs what was recorded, on the numbers that the buffers hold by then', () => {
    const { a, b, out } = make()
    const tape = Tape.record(() => {
      matmul(a, b, { out })
      add(out, b, { out })
    })
    expect(out.toArray()).toEqual([
      [0, 0],
      [0, 0],
    ])
    a.set(10, 0, 0)
    expect(tape.run()).toBe(true)
    expect(out.toArray()).toEqual([
      [2, 11],
      [5, 3],
    ])
  })

  it('runs on a thread of its own, and its buffers are locked until then', async () => {
    const { a, b, out } = make()
    const tape = Tape.record(() => void matmul(a, b, { out }))
    out.fill(0)
    const run = tape.runInBackground()
    expect(() => add(out, b)).toThrow('add: a: a training step is at work on this tensor')
    expect(() => tape.run()).toThrow('running already')
    expect(() => tape.runInBackground()).toThrow('running already')
    expect(await run).toBe(true)
    expect(add(out, b).at(0, 0)).toBe(2)
    expect(tape.run()).toBe(true)
  })

  it('is equal to another of the same operations on the same buffers, and to no other', () => {
    const { a, b, out } = make()
    const product = () => Tape.record(() => void matmul(a, b, { out }))
    expect(product().equals(product())).toBe(true)
    expect(product().equals(Tape.record(() => void matmul(b, a, { out })))).toBe(false)
    expect(product().equals(Tape.record(() => void matmul(a, b, { out, accumulate: true })))).toBe(false)
    expect(product().equals(Tape.record(() => void matmul(a, b)))).toBe(false)
    expect(product().equals(Tape.record(() => {}))).toBe(false)
  })

  it.each(['a', 'out'] as const)('is current until another operation writes to its operand %s', (name) => {
    const operands = make()
    const { a, b, out } = operands
    const record = () => Tape.record(() => void matmul(a, b, { out }))
    const [tape, other] = [record(), Tape.record(() => void matmul(b, a, { out: Tensor.zeros([2, 2]) }))]
    expect(tape.isCurrent).toBe(true)
    tape.run()
    other.run()
    add(a, b)
    add(a, b, { out: Tensor.zeros([2, 2]) })
    expect(tape.isCurrent).toBe(true)
    scale(operands[name], 2, { out: operands[name] })
    expect(tape.isCurrent).toBe(false)
    expect(other.isCurrent).toBe(name === 'out')
    expect(record().isCurrent).toBe(true)
  })

  it('is not current once products are to be computed otherwise', () => {
    const { a, b, out } = make()
    const record = () => Tape.record(() => void matmul(a, b, { out }))
    const tape = record()
    setFloat32MatmulPrecision('highest')
    expect(tape.isCurrent).toBe(false)
    expect(record().equals(tape)).toBe(true)
  })

  it('stops at a value that is not finite', () => {
    const { a, out } = make()
    const loss = new Scalar()
    const tape = Tape.record(() => {
      stopUnlessFinite(loss)
      axpy(1, a, out)
    })
    loss.value = Number.NaN
    expect(tape.run()).toBe(false)
    expect(out.at(1, 1)).toBe(0)
    loss.value = 1
    expect(tape.run()).toBe(true)
    expect(out.at(1, 1)).toBe(4)
  })

  it('ends its recording after an error, and refuses one within another', () => {
    const { a, b, out } = make()
    expect(() => Tape.record(() => void matmul(a, Tensor.zeros([3, 3])))).toThrow('inner dimensions differ')
    expect(() => Tape.record(() => void Tape.record(() => {}))).toThrow('a recording is on already')
    expect(Tape.record(() => void matmul(a, b, { out })).run()).toBe(true)
  })

  it('keeps its buffers alive', async () => {
    const { b, out } = make()
    const tape = Tape.record(
      () =>
        void matmul(
          fixed([
            [3, 3],
            [3, 3],
          ]),
          b,
          { out },
        ),
    )
    for (let i = 0; i < 50; i++) Tensor.zeros([100_000])
    globalThis.gc?.()
    expect(await tape.runInBackground()).toBe(true)
    expect(out.toArray()).toEqual([
      [3, 3],
      [3, 3],
    ])
  })
})
