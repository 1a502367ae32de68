/** Every layer, model and optimizer that is exported: recorded and replayed, it gives the bits of the calls in TypeScript. */
import { describe, expect, it } from 'vitest'
import type { Layer, Optimizer, Tensor, TokenBatch, TrainableLanguageModel } from '../src/index.ts'
import * as rnnlm from '../src/index.ts'
import type { Batch2, Batch3, Bias, Weights } from '../src/layers/index.ts'
import { Tape, Tensor as Tensors } from '../src/tensor/index.ts'
import { Batches } from '../src/train/batches.ts'
import { TrainingStep } from '../src/train/step.ts'

type Class = abstract new (...args: never[]) => object
const classes = Object.entries<unknown>(rnnlm).filter(
  (entry): entry is [string, Class] => typeof entry[1] === 'function' && entry[1].prototype !== undefined,
)
const namesWith = (...methods: string[]) =>
  classes
    .filter(([, { prototype }]) => methods.every((method) => method in prototype))
    .map(([name]) => name)
    .sort()
const modelNames = namesWith('forward', 'backward', 'predict')
const layerNames = namesWith('forward', 'backward').filter((name) => !modelNames.includes(name))
const readers = namesWith('step', 'score') // a model, or a frozen one, which has `update` too
const optimizerNames = namesWith('update').filter((name) => !readers.includes(name))

const [N, T, D, H, V] = [3, 4, 5, 6, 7]
const BLOCKS = 4

/** Numbers that differ in each block and tensor. */
function inputs() {
  const rng = new rnnlm.Random(3)
  const tensors: Tensor[] = []
  const batches: TokenBatch[] = []
  return {
    floats: <S extends rnnlm.Shape>(...shape: S) => {
      const tensor = Tensors.fixed(shape)
      tensors.push(tensor)
      return tensor as Tensor as Tensor<'float32', { -readonly [Axis in keyof S]: number }>
    },
    tokens: (limit = V): TokenBatch => {
      const batch = Tensors.fixed([N, T], 'int32')
      batches.push(batch)
      batch.data.forEach((_, i) => {
        batch.data[i] = i % limit
      })
      return batch
    },
    next: () => {
      for (const { data } of tensors) rng.fillNormal(data)
      for (const { data } of batches) data.set([...data.subarray(1), data[0]!])
    },
  }
}

type Inputs = ReturnType<typeof inputs>
interface LayerExample {
  layer: Layer
  /** Forward and backward. */
  step: () => (Tensor | null)[]
}

function weights(G: number): [Weights, Weights, Bias] {
  const rng = new rnnlm.Random(5)
  const matrix = (rows: number, columns: number) => {
    const tensor = Tensors.fixed([rows, columns])
    rng.fillNormal(tensor.data, 0.5)
    return tensor
  }
  return [matrix(D, G), matrix(H, G), matrix(1, G).reshape([G])]
}

function blockLayer<L extends Layer & { forward(xs: Batch3): Batch3; backward(dout: Batch3): Batch3 }>(
  layer: L,
  xs: Batch3,
  dout: Batch3,
): LayerExample {
  return { layer, step: () => [layer.forward(xs), layer.backward(dout)] as Tensor[] }
}

const affine = () => {
  const [W, , b] = weights(V)
  return new rnnlm.TimeAffine(W, b)
}

const LAYERS: Record<string, (given: Inputs) => LayerExample> = {
  RNN: ({ floats }) => {
    const layer = new rnnlm.RNN(...weights(H))
    const [x, h, dh] = [floats(N, D), floats(N, H), floats(N, H)]
    return { layer, step: () => [layer.forward(x, h), ...layer.backward(dh)] as Tensor[] }
  },
  LSTM: ({ floats }) => {
    const layer = new rnnlm.LSTM(...weights(4 * H))
    const [x, h, c]: [Batch2, Batch2, Batch2] = [floats(N, D), floats(N, H), floats(N, H)]
    const [dh, dc]: [Batch2, Batch2] = [floats(N, H), floats(N, H)]
    return { layer, step: () => [...layer.forward(x, h, c), ...layer.backward(dh, dc)] as Tensor[] }
  },
  GRU: ({ floats }) => {
    const layer = new rnnlm.GRU(...weights(3 * H))
    const [x, h, dh] = [floats(N, D), floats(N, H), floats(N, H)]
    return { layer, step: () => [layer.forward(x, h), ...layer.backward(dh)] as Tensor[] }
  },
  TimeRNN: ({ floats }) =>
    blockLayer(new rnnlm.TimeRNN(...weights(H), { stateful: true }), floats(N, T, D), floats(N, T, H)),
  TimeLSTM: ({ floats }) =>
    blockLayer(new rnnlm.TimeLSTM(...weights(4 * H), { stateful: true }), floats(N, T, D), floats(N, T, H)),
  TimeGRU: ({ floats }) =>
    blockLayer(new rnnlm.TimeGRU(...weights(3 * H), { stateful: true }), floats(N, T, D), floats(N, T, H)),
  TimeAffine: ({ floats }) => blockLayer(affine(), floats(N, T, D), floats(N, T, V)),
  TimeDropout: ({ floats }) =>
    blockLayer(new rnnlm.TimeDropout(0.4, { rng: new rnnlm.Random(8) }), floats(N, T, H), floats(N, T, H)),
  TimeTanh: ({ floats }) => blockLayer(new rnnlm.TimeTanh(H), floats(N, T, H), floats(N, T, H)),
  TimeWindow: ({ floats }) =>
    blockLayer(new rnnlm.TimeWindow(2, D), floats(N, T + 1, D), floats(N, T, 2 * D)),
  TimeWindowMean: ({ floats }) =>
    blockLayer(new rnnlm.TimeWindowMean(2, D), floats(N, T + 1, D), floats(N, T, D)),
  TimeEmbedding: ({ floats, tokens }) => {
    const layer = new rnnlm.TimeEmbedding(weights(D)[1])
    const [xs, dout] = [tokens(H), floats(N, T, D)]
    return { layer, step: () => [layer.forward(xs), layer.backward(dout)] as (Tensor | null)[] }
  },
  TimeSoftmaxWithLoss: ({ floats, tokens }) => {
    const layer = new rnnlm.TimeSoftmaxWithLoss()
    const [xs, ts] = [floats(N, T, V), tokens()]
    return {
      layer,
      step: () => {
        layer.forward(xs, ts)
        return [layer.backward(2) as Tensor]
      },
    }
  },
  SoftmaxHead: ({ floats, tokens }) => lossHead(new rnnlm.SoftmaxHead(affine()), floats(N, T, D), tokens()),
  TiedSoftmaxHead: ({ floats, tokens }) => {
    const embedding = new rnnlm.TimeEmbedding(weights(D)[1])
    return lossHead(new rnnlm.TiedSoftmaxHead(embedding), floats(N, T, D), tokens(H))
  },
}

function lossHead(layer: rnnlm.LossHead, hs: Batch3, ts: TokenBatch): LayerExample {
  return {
    layer,
    step: () => {
      layer.forward(hs, ts)
      return [layer.backward(2) as Tensor, ...layer.scores.grads]
    },
  }
}

const MODELS: Record<string, () => TrainableLanguageModel> = {
  SimpleRnnlm: () => new rnnlm.SimpleRnnlm(V, D, H),
  Rnnlm: () => new rnnlm.Rnnlm(V, D, H),
  GruRnnlm: () => new rnnlm.GruRnnlm(V, D, H),
  BetterRnnlm: () => new rnnlm.BetterRnnlm(V, H, H),
  LanguageModel: () =>
    new rnnlm.LanguageModel({
      cell: 'gru',
      layers: 2,
      vocabSize: V,
      wordvecSize: D,
      hiddenSize: H,
      dropout: 0.3,
    }),
  CbowLm: () => new rnnlm.CbowLm(V, D, { window: 3 }),
  NeuralProbabilisticLm: () => new rnnlm.NeuralProbabilisticLm(V, D, H, { window: 3 }),
}

const OPTIMIZERS: Record<string, () => Optimizer> = {
  SGD: () => new rnnlm.SGD(0.5, { weightDecay: 0.01 }),
  Momentum: () => new rnnlm.Momentum(0.1),
  Nesterov: () => new rnnlm.Nesterov(0.1),
  AdaGrad: () => new rnnlm.AdaGrad(0.1),
  RMSprop: () => new rnnlm.RMSprop(0.01),
  Adam: () => new rnnlm.Adam(0.01),
  AdamW: () => new rnnlm.AdamW(0.01, { weightDecay: 0.1 }),
}

it('each has an example', () => {
  expect(Object.keys(LAYERS).sort()).toEqual(layerNames)
  expect(Object.keys(MODELS).sort()).toEqual(modelNames)
  expect(Object.keys(OPTIMIZERS).sort()).toEqual(optimizerNames)
})

const numbers = (tensors: readonly (Tensor | null)[]) => tensors.map((tensor) => tensor?.toArray())

describe.each(Object.entries(LAYERS))('%s', (_, make) => {
  it('has the same results and gradients', () => {
    const blocks = (isRecorded: boolean) => {
      const given = inputs()
      const { layer, step } = make(given)
      const results: unknown[] = []
      let tape: Tape | undefined
      let out: (Tensor | null)[] = []
      const record = () => {
        out = step()
      }
      for (let block = 0; block < BLOCKS; block++) {
        given.next()
        if (!isRecorded) record()
        else {
          if (block < 2) tape = Tape.record(record) // the first block of a stateful layer clears its state
          tape!.run()
        }
        results.push(numbers(out), numbers(layer.grads))
      }
      return results
    }
    const plain = blocks(false)
    expect(blocks(true)).toEqual(plain)
    expect(plain[0]).not.toEqual(plain[2])
  })
})

/** Parameters, losses and what the optimizer remembers, after some steps. */
async function train(model: TrainableLanguageModel, optimizer: Optimizer, isRecorded: boolean) {
  const corpus = Int32Array.from({ length: 61 }, (_, i) => (i * i + 3 * i) % V)
  const batches = new Batches('fit', corpus.slice(0, -1), corpus.slice(1), N, T)
  const step = new TrainingStep(model, optimizer, batches, 0.5)
  if (!isRecorded) Object.defineProperty(model, 'isRecordable', { value: false })
  const losses: number[] = []
  for (let i = 0; i < 2 * BLOCKS; i++) {
    batches.next()
    losses.push(await step.run())
  }
  const slots = [...(optimizer.state?.slots ?? [])].map(([name, tensors]) => [name, numbers(tensors)])
  return {
    losses,
    params: numbers(model.params),
    slots,
    steps: optimizer.state?.steps,
    rng: model.rng?.state,
  }
}

describe.each(Object.entries(MODELS))('%s', (_, make) => {
  it('has the same losses and parameters', async () => {
    const plain = await train(make(), new rnnlm.SGD(0.5), false)
    expect(await train(make(), new rnnlm.SGD(0.5), true)).toEqual(plain)
    expect(new Set(plain.losses).size).toBe(plain.losses.length)
  })
})

describe.each(Object.entries(OPTIMIZERS))('%s', (_, make) => {
  it('has the same parameters and slots', async () => {
    const model = () => new rnnlm.SimpleRnnlm(V, D, H)
    expect(await train(model(), make(), true)).toEqual(await train(model(), make(), false))
  })
})
