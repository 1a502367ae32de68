/** Checkpoints that somebody made up: refused with the reason, and before anything large is allocated. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { restoreModel, restoreOptimizer } from '../../src/interop/checkpoint.ts'
import { readSafetensors, type SafetensorsContent, writeSafetensors } from '../../src/interop/safetensors.ts'
import { checkProgress } from '../../src/jobs/job-checks.ts'
import { readJobCheckpoint } from '../../src/jobs/job-saver.ts'
import { loadModel } from '../../src/jobs/load-model.ts'
import { LanguageModel, parameterShapes } from '../../src/models/index.ts'
import { createOptimizer } from '../../src/optim/index.ts'
import { type DType, Random, Tensor } from '../../src/tensor/index.ts'
import { temporaryFolder } from '../support/command-line.ts'
import { trainJob } from '../support/jobs.ts'

const ITERATIONS_PER_EPOCH = 25

let good: SafetensorsContent

/** All that a resumed job does with its checkpoint. */
function use(path: string): void {
  const checkpoint = readJobCheckpoint(path)
  checkProgress(checkpoint, ITERATIONS_PER_EPOCH)
  const model = restoreModel(checkpoint)
  restoreOptimizer(checkpoint, model, createOptimizer({ optimizer: 'adam', lr: 0.01 }))
}

const newPath = () => join(temporaryFolder(), 'model.safetensors')

function forged(change: {
  metadata?: Record<string, unknown>
  tensors?: [name: string, tensor: Tensor<DType> | null][]
}): string {
  const path = newPath()
  const tensors = new Map(good.tensors)
  for (const [name, tensor] of change.tensors ?? []) {
    if (tensor) tensors.set(name, tensor)
    else tensors.delete(name)
  }
  const changed = Object.entries(change.metadata ?? {}).map(([name, value]) => [name, JSON.stringify(value)])
  writeSafetensors(path, tensors, { ...good.metadata, ...Object.fromEntries(changed) })
  return path
}

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rnnlm-test-'))
  await trainJob(folder, { cell: 'lstm', layers: 2, lr: 0.01 })
  good = readSafetensors(join(folder, 'job', 'last.safetensors'))
  rmSync(folder, { recursive: true })
})

function withNaN(tensor: Tensor, row: number, column: number): Tensor {
  tensor.set(Number.NaN, row, column)
  return tensor
}

const configWith = (model: object) => {
  const config = JSON.parse(good.metadata.config!)
  return { config: { ...config, model: { ...config.model, ...model } } }
}

const progressWith = (changes: object) => ({
  progress: { ...JSON.parse(good.metadata.progress!), ...changes },
})

it.each(['rnn', 'lstm', 'gru'] as const)('parameterShapes are those of a model: %s', (cell) => {
  for (const tieWeights of [false, true]) {
    const options = {
      cell,
      layers: 3,
      vocabSize: 7,
      wordvecSize: tieWeights ? 4 : 5,
      hiddenSize: 4,
      tieWeights,
    }
    const params = new LanguageModel(options).namedParams()
    expect([...parameterShapes(options)]).toEqual([...params].map(([name, { shape }]) => [name, [...shape]]))
  }
})

describe('is refused, and nothing is allocated for what it claims:', () => {
  it.each<[string, object, string]>([
    ['a hundred million words', { vocabSize: 1e8 }, 'vocabulary: words: expected 100000000'],
    ['a billion layers', { layers: 1e9 }, 'expected a float32 tensor recurrent.2.Wx, got none'],
    ['2^53 layers', { layers: 2 ** 53 - 1 }, 'expected a float32 tensor recurrent.2.Wx, got none'],
    ['long word vectors', { wordvecSize: 1e9 }, 'expected a tensor embedding.W of shape ['],
    ['a long state', { hiddenSize: 1e9 }, 'expected a tensor recurrent.0.Wx of shape [8, 4000000000]'],
    ['one layer less', { layers: 1 }, 'its model has no tensor "recurrent.1.Wx"'],
    ['another cell', { cell: 'gru' }, 'expected a tensor recurrent.0.Wx of shape [8, 24], got [8, 32]'],
    ['a cell in a list', { cell: ['lstm'] }, "cell: expected 'rnn', 'lstm' or 'gru'"],
    ['layers of text', { layers: '2' }, 'layers: expected an integer of at least 1, got "2"'],
    ['an unknown option', { depth: 2 }, 'unknown option "depth"; known options: vocabSize, cell, '],
  ])('%s', (_, model, message) => {
    const path = forged({ metadata: configWith(model) })
    const { arrayBuffers } = process.memoryUsage()
    expect(() => loadModel(path)).toThrow(message)
    expect(() => loadModel(path)).toThrow(`cannot read ${path}: `)
    expect(process.memoryUsage().arrayBuffers - arrayBuffers).toBeLessThan(10_000_000)
  })

  it.each<[string, [string, Tensor<DType> | null][], string]>([
    ['no weights', [['recurrent.1.Wh', null]], 'expected a float32 tensor recurrent.1.Wh, got none'],
    [
      'integer weights',
      [['recurrent.1.b', Tensor.zeros([32], 'int32')]],
      'expected a float32 tensor recurrent.1.b, got int32',
    ],
    ['other tensors', [['notes', Tensor.zeros([1])]], 'its model has no tensor "notes"'],
    [
      'a slot of no parameter',
      [['optimizer.m.bias', Tensor.zeros([1])]],
      'its model has no tensor "optimizer.m.bias"',
    ],
    [
      'a slot of another shape',
      [['optimizer.m.recurrent.0.b', Tensor.zeros([3])]],
      'expected a tensor optimizer.m.recurrent.0.b of shape [32], got [3]',
    ],
    [
      'half a state',
      [['state.recurrent.0.c', null]],
      'expected a float32 tensor state.recurrent.0.c, got none',
    ],
    [
      'a state of other streams',
      [['state.recurrent.1.h', Tensor.zeros([3, 8])]],
      'expected a tensor state.recurrent.1.h of shape [4, 8], got [3, 8]',
    ],
    [
      'a state of no layer',
      [['state.recurrent.7.h', Tensor.zeros([4, 8])]],
      'its model has no tensor "state.recurrent.7.h"',
    ],
    ['a third state', [['state.recurrent.0.d', Tensor.zeros([4, 8])]], 'its model has no such states'],
    [
      'NaN in the weights',
      [['recurrent.1.Wh', withNaN(Tensor.zeros([8, 32]), 3, 7)]],
      'recurrent.1.Wh has NaN at [3, 7]: expected finite numbers',
    ],
    [
      'infinity in the weights',
      [['recurrent.1.b', Tensor.full([32], -Infinity)]],
      'recurrent.1.b has -Infinity at [0]: expected finite numbers',
    ],
    [
      'NaN in a state',
      [['state.recurrent.0.h', Tensor.full([4, 8], Number.NaN)]],
      'state.recurrent.0.h has NaN at [0, 0]: expected finite numbers',
    ],
  ])('%s', (_, tensors, message) => {
    const path = forged({ tensors })
    expect(() => loadModel(path)).toThrow(`cannot read ${path}: ${message}`)
  })

  it.each<[object, string]>([
    [{ rng: null }, 'progress: rng.seed: expected the digits'],
    [{ rng: { seed: '-1', position: 0 } }, 'progress: rng.seed: expected the digits'],
    [{ rng: { seed: '99999999999999999999', position: 0 } }, 'progress: rng.seed: expected the digits'],
    [
      { rng: { seed: '1', position: -1 } },
      'progress: rng.position: expected an integer of at least 0, got -1',
    ],
    [{ optimizerSteps: 0.5 }, 'progress: optimizerSteps: expected an integer of at least 0, got 0.5'],
    [{ fit: null }, 'progress: fit: expected the state of a fit, got null'],
    [{ fit: { iteration: -5 } }, 'progress: fit.iteration: expected an integer of at least 0, got -5'],
    [{ plateau: 3 }, 'progress: options: expected an object, got 3'],
    [{ best: 'x' }, 'progress: options: expected an object, got "x"'],
    [{ epochsFinished: 1e308 }, 'progress: epochsFinished: expected an integer of at least 0, got 1e+308'],
    [{ epochsFinished: 9 }, 'progress: epochsFinished: expected an integer in 1…2, got 9'],
    [{ logSize: '7' }, 'progress: logSize: expected an integer of at least 0, got "7"'],
    [{ textChecksum: null }, 'progress: textChecksum: expected an integer of at least 0, got null'],
  ])('progress with %j', (changes, message) => {
    expect(() => use(forged({ metadata: progressWith(changes) }))).toThrow(message)
  })
})

/** Slots of a run may overflow while the run goes well. */
it('infinity in an optimizer slot is read', () => {
  expect(() =>
    use(forged({ tensors: [['optimizer.v.recurrent.0.b', Tensor.full([32], Infinity)]] })),
  ).not.toThrow()
})

const HOSTILE = [
  null,
  -1,
  0.5,
  1e9,
  1e308,
  2 ** 53,
  '',
  'x',
  '9'.repeat(400),
  [],
  [[]],
  {},
  { length: 1e9 },
  true,
]

/** Changes one value anywhere in `json`, takes it out, or puts another in. */
function mutate(json: unknown, rng: Random): unknown {
  const hostile = () => HOSTILE[rng.integer(HOSTILE.length)]
  if (typeof json !== 'object' || json === null || rng.uniform() < 0.15) return hostile()
  const names = Object.keys(json)
  if (names.length === 0) return hostile()
  const name = names[rng.integer(names.length)]!
  const copy = (Array.isArray(json) ? [...json] : { ...json }) as Record<string, unknown>
  const kind = rng.integer(8)
  if (kind === 0) delete copy[name]
  else if (kind === 1) copy[`${name}x`] = hostile()
  else copy[name] = mutate(copy[name], rng)
  return copy
}

/** A file of the same data under another header. */
function writeWithHeader(path: string, header: unknown, data: Buffer): void {
  const text = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  writeFileSync(path, Buffer.concat([length, text, data]))
}

describe('hundreds of forged headers are refused by an error that names the file, or do no harm:', () => {
  const GUTS = /Cannot |is not (a function|iterable|defined)|undefined|Invalid |allocation|stack/

  function expectSound(path: string): void {
    try {
      use(path)
    } catch (error) {
      const { message } = error as Error
      expect(message).toContain(path)
      expect(message.replace(path, '').replace(/got undefined$/, '')).not.toMatch(GUTS)
    }
  }

  it.each(['config', 'progress', 'vocabulary'])('%s', (name) => {
    const rng = new Random(11)
    for (let i = 0; i < 100; i++) {
      expectSound(forged({ metadata: { [name]: mutate(JSON.parse(good.metadata[name]!), rng) } }))
    }
  })

  it('tensors and metadata', () => {
    const rng = new Random(12)
    const path = newPath()
    writeSafetensors(path, good.tensors, good.metadata)
    const bytes = readFileSync(path)
    const length = Number(bytes.readBigUInt64LE())
    const header = JSON.parse(bytes.toString('utf8', 8, 8 + length))
    delete header.__metadata__.crc32
    for (let i = 0; i < 100; i++) {
      writeWithHeader(path, mutate(header, rng), bytes.subarray(8 + length))
      expectSound(path)
    }
  })
})
