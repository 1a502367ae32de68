/** The heads equal the layers they are made of. */
import { describe, expect, it } from 'vitest'
import {
  type Batch3,
  type LossHead,
  SoftmaxHead,
  TiedSoftmaxHead,
  TimeAffine,
  TimeEmbedding,
  TimeSoftmaxWithLoss,
  type TokenBatch,
} from '../../src/layers/index.ts'
import { Random, softmax, Tensor } from '../../src/tensor/index.ts'
import { expectClose } from '../support/golden.ts'
import { describeEachIsa } from '../support/instruction-sets.ts'

/** A head, and an affine layer with equal weights of its own. */
function makeHead(
  H: number,
  V: number,
  seed: number,
  isTied = false,
): { head: LossHead; affine: TimeAffine } {
  const rng = new Random(seed)
  const scale = 1 / Math.sqrt(H)
  const b = Tensor.randn([V], { rng, scale: 0.1 })
  if (isTied) {
    const vectors = Tensor.randn([V, H], { rng, scale })
    const head = new TiedSoftmaxHead(new TimeEmbedding(vectors))
    head.params[0].copyFrom(b)
    return { head, affine: new TimeAffine(vectors.clone().transpose(), b) }
  }
  const W = Tensor.randn([H, V], { rng, scale })
  return { head: new SoftmaxHead(new TimeAffine(W, b)), affine: new TimeAffine(W.clone(), b.clone()) }
}

function makeInput(N: number, T: number, H: number, V: number): { hs: Batch3; ts: TokenBatch } {
  const rng = new Random(7)
  const ts = Int32Array.from({ length: N * T }, (_, i) => (i % 5 === 3 ? -1 : rng.integer(V)))
  return { hs: Tensor.randn([N, T, H], { rng }), ts: Tensor.from(ts, [N, T]) }
}

describeEachIsa('SoftmaxHead and TiedSoftmaxHead', () => {
  it.each([
    ['one chunk', 3, 4, 5, 7],
    ['one row', 1, 1, 6, 11],
    ['chunks of unequal length', 5, 11, 9, 70_001],
    ['tied weights, one chunk', 3, 4, 5, 7, true],
    ['tied weights, several chunks', 5, 11, 9, 70_001, true],
    ['a chunk a row', 2, 2, 1, 2_100_000],
  ])('equal TimeAffine and TimeSoftmaxWithLoss: %s', (_, N, T, H, V, isTied = false) => {
    const { hs, ts } = makeInput(N, T, H, V)
    const { head, affine } = makeHead(H, V, 1, isTied)
    const lossLayer = new TimeSoftmaxWithLoss()
    const expected = lossLayer.forward(affine.forward(hs), ts)
    expect(Math.abs(head.forward(hs, ts) - expected)).toBeLessThan(2e-6 * expected)
    expect(head.loss.counted.value).toBe(lossLayer.counted)
    expectClose(head.backward(2), affine.backward(lossLayer.backward(2)), 2e-6)
    expectClose(head.scores.grads[0]!, affine.grads[0], 2e-6)
    expectClose(head.scores.grads[1]!, affine.grads[1], 2e-6)
  })

  it.each([false, true])('read log probabilities and losses; tied: %s', (isTied) => {
    const [N, T, H, V] = [3, 4, 5, 7]
    const { hs, ts } = makeInput(N, T, H, V)
    const { head, affine } = makeHead(H, V, 1, isTied)
    const logProbs = [...softmax(affine.forward(hs)).data].map(Math.log)
    expectClose(head.logProbs(hs.reshape([N * T, H])), Tensor.from(logProbs).reshape([N * T, V]), 2e-6)
    const { losses, loss, counted } = head.losses(hs, ts)
    const expected = [...ts.data].map((id, i) => (id < 0 ? 0 : -logProbs[i * V + id]!))
    expected.forEach((ofTarget, i) => {
      expect(losses[i]).toBeCloseTo(ofTarget, 5)
    })
    expect(loss).toBe(losses.reduce((sum, ofTarget) => sum + ofTarget))
    expect(counted).toBe(ts.data.filter((id) => id >= 0).length)
  })
})

describe('SoftmaxHead', () => {
  it('leaves gradients as they were until backward, and with training off', () => {
    const { hs, ts } = makeInput(2, 3, 4, 5)
    const { head } = makeHead(4, 5, 2)
    const dW = head.grads[0]!
    const loss = head.forward(hs, ts)
    expect(dW.toArray()).toEqual(Tensor.zeros([4, 5]).toArray())
    head.backward()
    const gradient = dW.toArray()
    head.training = false
    expect(head.forward(hs, ts)).toBe(loss)
    expect(() => head.backward()).toThrow('call forward first, with training on')
    expect(dW.toArray()).toEqual(gradient)
  })

  it('keeps what forward left for backward while it is read', () => {
    const { hs, ts } = makeInput(2, 3, 4, 5)
    const { head } = makeHead(4, 5, 2)
    head.forward(hs, ts)
    const expected = head.backward().toArray()
    head.forward(hs, ts)
    const other = hs.clone().fill(3)
    head.losses(other, ts)
    head.logProbs(other.reshape([6, 4]))
    expect(head.backward().toArray()).toEqual(expected)
  })

  it('is frozen as a copy, which takes over new weights when told to', () => {
    const { head } = makeHead(4, 5, 2)
    const h = makeInput(2, 3, 4, 5).hs.reshape([6, 4])
    const before = head.logProbs(h).toArray()
    const frozen = head.freeze('float32')
    for (const param of head.params) param.fill(0.5)
    expect(frozen.logProbs(h).toArray()).toEqual(before)
    frozen.update(head)
    expect(frozen.logProbs(h).toArray()).toEqual(head.logProbs(h).toArray())
  })

  it('says what does not fit', () => {
    const { hs, ts } = makeInput(2, 3, 4, 5)
    const { head } = makeHead(4, 5, 2)
    expect(() => head.backward()).toThrow('call forward first')
    expect(() => head.forward(Tensor.zeros([2, 3, 6]), ts)).toThrow(
      'hs: expected the shape [N, T, H = 4], got [2, 3, 6]',
    )
    expect(() => head.forward(hs, Tensor.zeros([3, 2], 'int32'))).toThrow(
      'ts: expected the shape [N = 2, T = 3]',
    )
    expect(() => head.forward(hs, Tensor.full([2, 3], 1) as never)).toThrow('ts: expected a Tensor of int32')
    ts.set(9, 1, 2)
    expect(() => head.forward(hs, ts)).toThrow('token id 9 at [1, 2] is outside 0…4')
  })
})

it('a tied head has the bias alone, and its gradient of W is that of the embedding', () => {
  const embedding = new TimeEmbedding(Tensor.randn([5, 4], { rng: new Random(1) }))
  const head = new TiedSoftmaxHead(embedding)
  const { hs, ts } = makeInput(2, 3, 4, 5)
  head.forward(hs, ts)
  head.backward()
  expect(head.params).toHaveLength(1)
  expect(embedding.grads[0].data.some((value) => value !== 0)).toBe(true)
  expect(embedding.grads[0].transpose().toArray()).toEqual(head.scores.grads[0].toArray())
})
