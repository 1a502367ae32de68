/** All scenarios, in the order in which they run. */
import type { Scenario } from '../harness/scenario.ts'
import { eventLoop } from './event-loop.ts'
import { matmul } from './matmul.ts'
import { memory } from './memory.ts'
import { rnnScenarios } from './rnn.ts'
import { scaling } from './scaling.ts'
import { seed } from './seed.ts'
import { softmax } from './softmax.ts'

export const scenarios: readonly Scenario[] = [
  seed,
  matmul,
  softmax,
  ...rnnScenarios,
  scaling,
  eventLoop,
  memory,
]
