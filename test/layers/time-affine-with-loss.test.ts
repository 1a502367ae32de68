/** The head in one piece equals its parts. */
import { expect, it } from 'vitest'
import {
  type Batch3,
  TimeAffine,
  TimeAffineWithLoss,
  TimeSoftmaxWithLoss,
  type TokenBatch,
} from '../../src/layers/index.ts'
import { Random, Tensor } from '../../src/tensor/index.ts'
import { expectClose } from '../support/golden.ts'
import { describeEachIsa } from '../support/instruction-sets.ts'

const makeAffine = (H: number, V: number, seed: number, isTied = false) => {
  const rng = new Random(seed)
  const scale = 1 / Math.sqrt(H)
  return new TimeAffine(
    isTied ? Tensor.randn([V, H], { rng, scale }).transpose() : Tensor.randn([H, V], { rng, scale }),
    Tensor.randn([V], { rng, scale: 0.1 }),
  )
}

function makeInput(N: number, T: number, H: number, V: number): { xs: Batch3; ts: TokenBatch } {
  const rng = new Random(7)
  const ts = Int32Array.from({ length: N * T }, (_, i) => (i % 5 === 3 ? -1 : rng.integer(V)))
  return { xs: Tensor.randn([N, T, H], { rng }), ts: Tensor.from(ts, [N, T]) }
}

describeEachIsa('TimeAffineWithLoss', () => {
  it.each([
    ['one chunk', 3, 4, 5, 7],
    ['one row', 1, 1, 6, 11],
    ['chunks of unequal length', 5, 11, 9, 70_001],
    ['tied weights, one chunk', 3, 4, 5, 7, true],
    ['tied weights, several chunks', 5, 11, 9, 70_001, true],
    ['a chunk a row', 2, 2, 1, 2_100_000],
  ])('equals TimeAffine and TimeSoftmaxWithLoss: %s', (_, N, T, H, V, isTied = false) => {
    const { xs, ts } = makeInput(N, T, H, V)
    const [affine, parts] = [makeAffine(H, V, 1, isTied), makeAffine(H, V, 1, isTied)]
    const [loss, softmax] = [new TimeSoftmaxWithLoss(), new TimeSoftmaxWithLoss()]
    const head = new TimeAffineWithLoss(affine, loss)
    const expected = softmax.forward(parts.forward(xs), ts)
    expect(Math.abs(head.forward(xs, ts) - expected)).toBeLessThan(2e-6 * expected)
    expect(loss.counted).toBe(softmax.counted)
    expectClose(head.backward(2), parts.backward(softmax.backward(2)), 2e-6)
    expectClose(affine.grads[0], parts.grads[0], 2e-6)
    expectClose(affine.grads[1], parts.grads[1], 2e-6)
  })
})

it('leaves gradients as they were until backward, and takes no part in them with training off', () => {
  const { xs, ts } = makeInput(2, 3, 4, 5)
  const affine = makeAffine(4, 5, 2)
  const head = new TimeAffineWithLoss(affine, new TimeSoftmaxWithLoss())
  const loss = head.forward(xs, ts)
  expect(affine.grads[0].toArray()).toEqual(Tensor.zeros([4, 5]).toArray())
  head.backward()
  const gradient = affine.grads[0].clone()
  head.training = false
  expect(head.forward(xs, ts)).toBe(loss)
  expect(() => head.backward()).toThrow('call forward first, with training on')
  expect(affine.grads[0].toArray()).toEqual(gradient.toArray())
})

it('says what does not fit', () => {
  const { xs, ts } = makeInput(2, 3, 4, 5)
  const head = new TimeAffineWithLoss(makeAffine(4, 5, 2), new TimeSoftmaxWithLoss())
  expect(() => head.backward()).toThrow('call forward first')
  expect(() => head.forward(Tensor.zeros([2, 3, 6]), ts)).toThrow(
    'xs: expected the shape [N, T, H = 4], got [2, 3, 6]',
  )
  expect(() => head.forward(xs, Tensor.zeros([3, 2], 'int32'))).toThrow(
    'ts: expected the shape [N = 2, T = 3]',
  )
  expect(() => head.forward(xs, Tensor.full([2, 3], 1) as never)).toThrow('ts: expected a Tensor of int32')
  ts.set(9, 1, 2)
  expect(() => head.forward(xs, ts)).toThrow('token id 9 at [1, 2] is outside 0…4')
})
