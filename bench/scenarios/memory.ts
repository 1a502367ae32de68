/** What training takes of memory: per step, once buffers are made and code is compiled, and at its peak. */
import { ours } from '../harness/contestants.ts'
import type { Scenario } from '../harness/scenario.ts'
import type { ModelSettings } from '../harness/training.ts'
import { rnnSettings } from './rnn.ts'
import { seedSettings } from './seed.ts'

export interface MemoryTask extends ModelSettings {
  warmUpSteps: number
  steps: number
}

const seedTask: MemoryTask = { ...seedSettings, warmUpSteps: 2000, steps: 10_000 }
const rnnTask: MemoryTask = { ...rnnSettings, warmUpSteps: 10, steps: 20 }

/** A young generation that holds all garbage of the steps, so that nothing is collected unless asked for; code is kept. */
function withYoungGeneration(mebibytes: number): string[] {
  return [
    '--expose-gc',
    '--no-flush-bytecode',
    `--min-semi-space-size=${mebibytes}`,
    `--max-semi-space-size=${mebibytes}`,
  ]
}

export const memory: Scenario = {
  kind: 'survey',
  name: 'memory',
  title:
    'bytes that a training step allocates on the JavaScript heap and outside, growth over all steps, peak of the process',
  threads: 1,
  task: {},
  cases: [{ name: 'training' }],
  figures: {
    heapAllocated: 'heap, B/step',
    heapGrowth: 'heap growth, B',
    outsideAllocated: 'outside, B/step',
    outsideGrowth: 'outside growth, B',
    peak: 'peak, MiB',
  },
  check: { name: 'loss', expected: 'a finite number', passes: Number.isFinite },
  contestants: [
    ours('memory.ts', {
      name: 'seed, 10,000 steps',
      settings: seedTask,
      nodeOptions: withYoungGeneration(64),
    }),
    ours('memory.ts', { name: 'rnn, 20 steps', settings: rnnTask, nodeOptions: withYoungGeneration(16) }),
  ],
  maxRounds: 3,
}
