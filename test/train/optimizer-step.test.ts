/** Recorded steps with optimizers that remember something: the same bits as steps in TypeScript, and as after a restore. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { generateCorpus } from '../../src/data/builtin/corpus.ts'
import { SimpleRnnlm } from '../../src/models/index.ts'
import {
  AdaGrad,
  Adam,
  AdamW,
  Momentum,
  Nesterov,
  type Optimizer,
  type OptimizerState,
  RMSprop,
} from '../../src/optim/index.ts'
import { Tape, type Tensor } from '../../src/tensor/index.ts'
import { Batches } from '../../src/train/batches.ts'
import { TrainingStep } from '../../src/train/step.ts'

const { corpus, idToWord } = generateCorpus({ words: 1201, seed: 5 })
const STEPS = 12

class Unrecorded extends SimpleRnnlm {
  override readonly isRecordable = false
}

const copy = (tensors: readonly Tensor[]): Tensor[] => tensors.map((tensor) => tensor.clone())

type StatefulOptimizer = Required<Omit<Optimizer, 'isRecordable'>>

/** Everything that a training job continues from, but its place in the corpus. */
function save(model: SimpleRnnlm, optimizer: StatefulOptimizer) {
  const { steps, slots } = optimizer.state
  const state: OptimizerState = {
    steps,
    slots: new Map([...slots].map(([name, tensors]) => [name, copy(tensors)])),
  }
  return { params: copy(model.params), model: model.saveState(), optimizer: state }
}

function restore(model: SimpleRnnlm, optimizer: StatefulOptimizer, saved: ReturnType<typeof save>): void {
  model.params.forEach((param, i) => {
    param.copyFrom(saved.params[i]!)
  })
  model.restoreState(saved.model)
  optimizer.restoreState(model.params, saved.optimizer)
}

function makeBatches(): Batches {
  return new Batches('fit', corpus.slice(0, -1), corpus.slice(1), 4, 5)
}

const makeModel = () => new SimpleRnnlm(idToWord.length, 16, 24)

/** Does the steps `from` … `to` − 1 of a run that changes its learning rate on the way. */
async function train(model: SimpleRnnlm, optimizer: StatefulOptimizer, from: number, to: number) {
  const batches = makeBatches()
  for (let i = 0; i < from; i++) batches.next()
  const step = new TrainingStep(model, optimizer, batches, 0.25)
  for (let i = from; i < to; i++) {
    batches.next()
    optimizer.lr = 0.01 / (1 + i)
    await step.run()
  }
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe.each(
  [AdaGrad, Adam, AdamW, Momentum, Nesterov, RMSprop].map((Optimizer) => ({
    name: Optimizer.name,
    Optimizer,
  })),
)('$name', ({ Optimizer }) => {
  it.each([
    ['short', 0, 'run'],
    ['long', 2, 'runInBackground'],
  ] as const)('%s recorded steps give the bits of steps in TypeScript', async (_, duration, method) => {
    let milliseconds = 0
    vi.spyOn(performance, 'now').mockImplementation(() => (milliseconds += duration))
    const runs = vi.spyOn(Tape.prototype, method)
    // The first step runs on a thread of its own: it is not known yet how long it takes.
    const expected = method === 'run' ? STEPS - 1 : STEPS
    const [recorded, plain] = [makeModel(), new Unrecorded(idToWord.length, 16, 24)]
    const [recordedOptimizer, plainOptimizer] = [new Optimizer(), new Optimizer()]
    await train(recorded, recordedOptimizer, 0, STEPS)
    expect(runs.mock.calls.length).toBe(expected)
    await train(plain, plainOptimizer, 0, STEPS)
    expect(runs.mock.calls.length).toBe(expected)
    expect(save(recorded, recordedOptimizer)).toEqual(save(plain, plainOptimizer))
    expect(recordedOptimizer.state.steps).toBe(STEPS)
  })

  it('a run that is cut in two ends with the bits of one that is not', async () => {
    const [model, optimizer] = [makeModel(), new Optimizer()]
    await train(model, optimizer, 0, STEPS)

    const [first, firstOptimizer] = [makeModel(), new Optimizer()]
    await train(first, firstOptimizer, 0, 7)
    const [second, secondOptimizer] = [makeModel(), new Optimizer()]
    restore(second, secondOptimizer, save(first, firstOptimizer))
    await train(second, secondOptimizer, 7, STEPS)
    expect(save(second, secondOptimizer)).toEqual(save(model, optimizer))
  })

  it('a state that is put back in the middle of recorded steps counts from the next step on', async () => {
    const [model, optimizer, batches] = [makeModel(), new Optimizer(), makeBatches()]
    const step = new TrainingStep(model, optimizer, batches, 0.25)
    const start = save(model, optimizer)
    batches.next()
    for (let i = 0; i < 6; i++) await step.run()
    const once = save(model, optimizer)
    restore(model, optimizer, start)
    for (let i = 0; i < 6; i++) await step.run()
    expect(save(model, optimizer)).toEqual(once)
  })
})
