import { expect, it } from 'vitest'
import {
  type Batch2,
  type Batch3,
  type Bias,
  TimeGRU,
  TimeLSTM,
  TimeRNN,
  TimeSoftmaxWithLoss,
  type TokenBatch,
  type Weights,
} from '../../src/layers/index.ts'
import { type NestedNumbers, Tensor } from '../../src/tensor/index.ts'
import { expectClose, readGolden } from '../support/golden.ts'
import { describeEachIsa } from '../support/instruction-sets.ts'

const LAYERS = { rnn: TimeRNN, lstm: TimeLSTM, gru: TimeGRU }

type LayerCase = { kind: keyof typeof LAYERS; N: number; T: number; D: number; H: number } & Record<
  'xs' | 'Wx' | 'Wh' | 'b' | 'h0' | 'dhs' | 'hs' | 'dxs' | 'dWx' | 'dWh' | 'db' | 'dh0',
  NestedNumbers
> & { c0?: NestedNumbers; dc0?: NestedNumbers }

const { cases } = readGolden<{ cases: LayerCase[] }>('layers.json')
const softmax = readGolden<{ xs: NestedNumbers; ts: NestedNumbers; loss: number; dxs: NestedNumbers }>(
  'softmax.json',
)

describeEachIsa('golden figures', () => {
  for (const golden of cases) {
    it(`Time${golden.kind.toUpperCase()}, N ${golden.N}, T ${golden.T}, D ${golden.D}, H ${golden.H}`, () => {
      const layer = new LAYERS[golden.kind](
        Tensor.from(golden.Wx) as Weights,
        Tensor.from(golden.Wh) as Weights,
        Tensor.from(golden.b) as Bias,
        { stateful: true },
      )
      const h0 = Tensor.from(golden.h0) as Batch2
      if (layer instanceof TimeLSTM) layer.setState(h0, Tensor.from(golden.c0!) as Batch2)
      else layer.setState(h0)
      expectClose(layer.forward(Tensor.from(golden.xs) as Batch3), golden.hs)
      expectClose(layer.backward(Tensor.from(golden.dhs) as Batch3), golden.dxs)
      expectClose(layer.grads[0], golden.dWx)
      expectClose(layer.grads[1], golden.dWh)
      expectClose(layer.grads[2], golden.db)
      expectClose(layer.dh!, golden.dh0)
      if (layer instanceof TimeLSTM) expectClose(layer.dc!, golden.dc0!)
    })
  }

  it('TimeSoftmaxWithLoss, one target ignored', () => {
    const layer = new TimeSoftmaxWithLoss()
    const ts = Tensor.from(softmax.ts, undefined, 'int32') as TokenBatch
    expect(layer.forward(Tensor.from(softmax.xs) as Batch3, ts)).toBeCloseTo(softmax.loss, 6)
    expectClose(layer.backward(), softmax.dxs)
  })
})
