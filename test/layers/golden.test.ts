import { expect, it } from 'vitest'
import {
  type Batch2,
  type Batch3,
  type Bias,
  TimeRNN,
  TimeSoftmaxWithLoss,
  type TokenBatch,
  type Weights,
} from '../../src/layers/index.ts'
import { type NestedNumbers, Tensor } from '../../src/tensor/index.ts'
import { expectClose, readGolden } from '../support/golden.ts'
import { describeEachIsa } from '../support/instruction-sets.ts'

type LayerCase = { kind: string; N: number; T: number; D: number; H: number } & Record<
  'xs' | 'Wx' | 'Wh' | 'b' | 'h0' | 'dhs' | 'hs' | 'dxs' | 'dWx' | 'dWh' | 'db' | 'dh0',
  NestedNumbers
>

const { cases } = readGolden<{ cases: LayerCase[] }>('layers.json')
const softmax = readGolden<{ xs: NestedNumbers; ts: NestedNumbers; loss: number; dxs: NestedNumbers }>(
  'softmax.json',
)

describeEachIsa('golden figures', () => {
  for (const golden of cases.filter(({ kind }) => kind === 'rnn')) {
    it(`TimeRNN, N ${golden.N}, T ${golden.T}, D ${golden.D}, H ${golden.H}`, () => {
      const rnn = new TimeRNN(
        Tensor.from(golden.Wx) as Weights,
        Tensor.from(golden.Wh) as Weights,
        Tensor.from(golden.b) as Bias,
        { stateful: true },
      )
      rnn.setState(Tensor.from(golden.h0) as Batch2)
      expectClose(rnn.forward(Tensor.from(golden.xs) as Batch3), golden.hs)
      expectClose(rnn.backward(Tensor.from(golden.dhs) as Batch3), golden.dxs)
      expectClose(rnn.grads[0], golden.dWx)
      expectClose(rnn.grads[1], golden.dWh)
      expectClose(rnn.grads[2], golden.db)
      expectClose(rnn.dh!, golden.dh0)
    })
  }

  it('TimeSoftmaxWithLoss, one target ignored', () => {
    const layer = new TimeSoftmaxWithLoss()
    const ts = Tensor.from(softmax.ts, undefined, 'int32') as TokenBatch
    expect(layer.forward(Tensor.from(softmax.xs) as Batch3, ts)).toBeCloseTo(softmax.loss, 6)
    expectClose(layer.backward(), softmax.dxs)
  })
})
