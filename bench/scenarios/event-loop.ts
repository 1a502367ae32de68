/** How late timers are in a process that trains: whether a server that trains still answers. */
import { ours } from '../harness/contestants.ts'
import { OURS } from '../harness/protocol.ts'
import type { Scenario } from '../harness/scenario.ts'
import { rnnCheck, rnnTask } from './rnn.ts'

const task = {
  ...rnnTask,
  epochsPerRound: 6,
  idleMilliseconds: 500,
}

const cases = [
  { name: 'idle', isTraining: false },
  { name: 'training', isTraining: true },
]

export type EventLoopTask = typeof task
export type EventLoopCase = (typeof cases)[number]

export const eventLoop: Scenario = {
  kind: 'survey',
  name: 'event-loop',
  title: 'how late a timer of 1 ms is in a process that is idle, or trains the rnn scenario',
  threads: 1,
  task,
  cases,
  figures: { p50: 'p50, ms', p99: 'p99, ms', max: 'max, ms' },
  check: rnnCheck,
  contestants: [
    ours('event-loop.ts', { name: `${OURS} on 1 thread` }),
    ours('event-loop.ts', { name: `${OURS} on 2 threads`, threads: 2 }),
  ],
  maxRounds: 5,
}
