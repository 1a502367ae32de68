/** What is recorded, and that a step with JavaScript in it is never run without that JavaScript. */
import { describe, expect, it } from 'vitest'
import {
  type Batch3,
  type FeedForwardLayer,
  SoftmaxHead,
  TimeAffine,
  TimeEmbedding,
  TimeRNN,
} from '../../src/layers/index.ts'
import { SimpleRnnlm } from '../../src/models/index.ts'
import { randomVectors, randomWeights } from '../../src/models/initial-values.ts'
import { LayeredModel } from '../../src/models/layered-model.ts'
import type { HiddenLayer } from '../../src/models/model-layers.ts'
import { SGD } from '../../src/optim/index.ts'
import { StatefulOptimizer } from '../../src/optim/stateful-optimizer.ts'
import { axpy, mul, norm, Random, Tensor } from '../../src/tensor/index.ts'
import { RnnlmTrainer } from '../../src/train/index.ts'
import { isRecordable } from '../../src/train/recordable.ts'

const V = 7
const H = 4
const corpus = Int32Array.from({ length: 241 }, (_, i) => (i * i + 3 * i) % V)

/** A model with one more layer. */
class Custom extends LayeredModel {
  constructor(layer: HiddenLayer) {
    const rng = new Random(1)
    const embedding = new TimeEmbedding(randomVectors(V, H, rng))
    const recurrent = new TimeRNN(randomWeights(H, H, rng), randomWeights(H, H, rng), Tensor.fixed([H]))
    const head = new SoftmaxHead(new TimeAffine(randomWeights(H, V, rng), Tensor.fixed([V])))
    super({ embedding, hidden: [recurrent, layer], head }, rng)
  }
  namedHiddenParams(): [string, Tensor][] {
    return []
  }
}

/** A layer that returns its input. Each test replaces one of its methods. */
const layer = (changes: Partial<FeedForwardLayer> = {}): FeedForwardLayer => ({
  params: [],
  grads: [],
  forward: (xs) => xs,
  backward: (dout) => dout,
  read: (xs) => xs,
  ...changes,
})

async function fit(model: LayeredModel, optimizer = new SGD(0.5) as { update: SGD['update'] }) {
  const losses: number[] = []
  await new RnnlmTrainer(model, optimizer).fit(corpus.subarray(0, -1), corpus.subarray(1), {
    ...{ maxEpoch: 2, batchSize: 4, timeSize: 5, maxGrad: 1 },
    onProgress: ({ loss }) => void losses.push(loss),
  })
  return { losses, weights: model.params.map((param) => param.toArray()) }
}

const recorded = (changes?: Partial<FeedForwardLayer>): Custom =>
  Object.assign(new Custom(layer(changes)), { isRecordable: true })
const plain = (changes?: Partial<FeedForwardLayer>): Custom =>
  Object.assign(new Custom(layer(changes)), { isRecordable: false })

describe('isRecordable', () => {
  const model = () => new SimpleRnnlm(V, H, H)

  it('is true for classes of this package and what extends them', () => {
    expect(isRecordable(model(), new SGD())).toBe(true)
    class MyModel extends SimpleRnnlm {
      readonly note = 'mine'
      constructor() {
        super(V, H, H)
      }
      describe(): string {
        return this.note
      }
    }
    expect(isRecordable(new MyModel(), new (class extends SGD {})())).toBe(true)
  })

  it('is false where a method is overridden or replaced, in a layer too', () => {
    class MyModel extends SimpleRnnlm {
      override forward(...args: Parameters<SimpleRnnlm['forward']>): number {
        return super.forward(...args)
      }
    }
    class MySgd extends SGD {
      override update(...args: Parameters<SGD['update']>): void {
        super.update(...args)
      }
    }
    expect(isRecordable(new MyModel(V, H, H), new SGD())).toBe(false)
    expect(isRecordable(new (class extends MyModel {})(V, H, H), new SGD())).toBe(false)
    expect(isRecordable(model(), new MySgd())).toBe(false)
    for (const place of [0, 1, 2]) {
      const watched = model()
      const part = watched.layers[place] as TimeRNN
      part.forward = part.forward.bind(part)
      expect(isRecordable(watched, new SGD())).toBe(false)
    }
  })

  it('is false for what extends nothing of this package, and for a layer like that', () => {
    expect(isRecordable(model(), { update: () => {} })).toBe(false)
    expect(isRecordable(new Custom(layer()), new SGD())).toBe(false)
  })

  it('can be said by the model and the optimizer', () => {
    class No extends SimpleRnnlm {
      override readonly isRecordable = false
    }
    expect(isRecordable(new No(V, H, H), new SGD())).toBe(false)
    expect(isRecordable(model(), Object.assign(new SGD(), { isRecordable: false }))).toBe(false)
    expect(isRecordable(recorded(), { update: () => {}, isRecordable: true })).toBe(true)
  })
})

describe('a recorded step', () => {
  const ADVICE = 'or set isRecordable = false on the model (or the optimizer)'
  const out = Tensor.fixed([4, 5, H])
  const square = (xs: Batch3): Batch3 => mul(xs, xs) as Batch3
  const javascript = (xs: Batch3): Batch3 => {
    xs.data.forEach((x, i) => {
      out.data[i] = 2 * x
    })
    return out
  }

  it('of a layer by operations has the bits of one in TypeScript', async () => {
    expect(await fit(recorded({ forward: square, backward: square }))).toEqual(
      await fit(plain({ forward: square, backward: square })),
    )
  })

  it('is refused where a layer computes forward in JavaScript', async () => {
    const model = recorded({ forward: javascript })
    const before = model.params.map((param) => param.toArray())
    await expect(fit(model)).rejects.toThrow('fit: the loss does not depend on the tokens xs')
    await expect(fit(recorded({ forward: javascript }))).rejects.toThrow(ADVICE)
    expect(model.params.map((param) => param.toArray())).toEqual(before)
    expect((await fit(plain({ forward: javascript }))).losses.length).toBe(24)
  })

  it('is refused where a layer computes backward in JavaScript', async () => {
    await expect(fit(recorded({ backward: javascript }))).rejects.toThrow(
      'fit: grads[0] does not depend on the targets ts',
    )
  })

  it('is refused where a layer computes a gradient in JavaScript', async () => {
    const bias = Tensor.fixed([H])
    const backward = (dout: Batch3) => {
      for (let i = 0; i < dout.size; i++) dBias.data[i % H]! += dout.data[i]!
      return dout
    }
    const dBias = Tensor.fixed([H])
    const changes = { params: [bias] as Tensor[], grads: [dBias] as Tensor[], backward }
    await expect(fit(recorded(changes))).rejects.toThrow('fit: grads[4] does not depend on the targets ts')
  })

  it('is refused where a layer uses numbers that JavaScript makes anew', async () => {
    const mask = Tensor.fixed([4, 5, H])
    const forward = (xs: Batch3) => {
      for (let i = 0; i < mask.size; i++) mask.data[i] = Math.random() < 0.5 ? 0 : 2
      return mul(xs, mask) as Batch3
    }
    await expect(fit(recorded({ forward }))).rejects.toThrow(
      'fit: multiply reads a tensor that no operation writes',
    )
  })

  it.each<[name: string, read: (xs: Batch3) => unknown]>([
    ['norm', (xs) => norm(xs)],
    ['at', (xs) => xs.at(0, 0, 0)],
    ['set', (xs) => xs.set(1, 0, 0, 0)],
    ['toArray', (xs) => xs.toArray()],
    ['fill', (xs) => xs.slice(1, 0, 1).fill(0)],
    ['fillNormal', (xs) => new Random(1).fillNormal(xs.data)],
  ])('is refused where a layer calls %s', async (name, read) => {
    const forward = (xs: Batch3) => {
      read(xs)
      return xs
    }
    await expect(fit(recorded({ forward }))).rejects.toThrow(`${name}: `)
    await fit(plain({ forward }))
  })

  it('is refused where the optimizer computes in JavaScript, unless it says so', async () => {
    class Manual extends StatefulOptimizer<'h'> {
      isRecordable = true
      constructor() {
        super('Manual', ['h'], 0.1)
      }
      protected updateParameter(param: Tensor, grad: Tensor): void {
        for (let i = 0; i < param.size; i++) param.data[i]! -= this.lr * grad.data[i]!
      }
    }
    await expect(fit(new SimpleRnnlm(V, H, H), new Manual())).rejects.toThrow(
      'fit: params[0] does not depend on the targets ts',
    )
    const { losses } = await fit(
      new SimpleRnnlm(V, H, H),
      Object.assign(new Manual(), { isRecordable: false }),
    )
    expect(losses.at(-1)).toBeLessThan(losses[0]!)
  })

  it('is the rule for an optimizer that overrides nothing, and not for one that does', async () => {
    class Decaying extends SGD {
      updates = 0
      override update(params: readonly Tensor[], grads: readonly Tensor[]): void {
        this.lr = 0.5 / ++this.updates
        super.update(params, grads)
        for (const param of params) axpy(-0.001, param, param)
      }
    }
    const optimizer = new Decaying()
    const { losses } = await fit(new SimpleRnnlm(V, H, H), optimizer)
    expect(optimizer.updates).toBe(losses.length)
  })
})
