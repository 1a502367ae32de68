/**
 * What a training step costs against what it has to compute: the rnn scenario with V, H = D, N or T at a quarter, half
 * and twice their size, on one thread and on two. The roofline is the time that the same work takes as one large product.
 */
import type { PlotOptions } from '../../src/report/layout.ts'
import type { Curve } from '../../src/report/series.ts'
import { ours } from '../harness/contestants.ts'
import { type Case, OURS, TIME } from '../harness/protocol.ts'
import type { RecordedContestant, RunRecord } from '../harness/run-record.ts'
import type { Scenario } from '../harness/scenario.ts'
import { zipfTokens } from '../harness/tokens.ts'
import { type ModelSettings, wordsPerIteration, workPerIteration } from '../harness/training.ts'
import { product } from './matmul.ts'
import { rnnCheck, rnnSettings, rnnTask } from './rnn.ts'

export interface SizedCase extends Case {
  settings: ModelSettings
  corpus: number[]
  work: number
}

const ITERATIONS_PER_EPOCH = 2
const FACTORS = [1 / 4, 1 / 2, 2]

/** Each size by its letter: the settings of the rnn scenario with it multiplied. */
const sizes: Record<string, (factor: number) => Partial<ModelSettings>> = {
  V: (factor) => ({ vocabSize: rnnSettings.vocabSize * factor }),
  H: (factor) => ({
    hiddenSize: rnnSettings.hiddenSize * factor,
    wordvecSize: rnnSettings.wordvecSize * factor,
  }),
  N: (factor) => ({ batchSize: rnnSettings.batchSize * factor }),
  T: (factor) => ({ timeSize: Math.ceil(rnnSettings.timeSize * factor) }),
}

function sizedCase(name: string, changes: Partial<ModelSettings>): SizedCase {
  const settings = { ...rnnSettings, ...changes }
  const count = ITERATIONS_PER_EPOCH * wordsPerIteration(settings) + 1
  const corpus = zipfTokens(count, settings.vocabSize, 1)
  return { name, settings, corpus, work: workPerIteration(settings) }
}

const base = sizedCase('rnn', {})
const sized = Object.entries(sizes).map(([letter, change]) => ({
  letter,
  cases: FACTORS.map((factor) => {
    const changes = change(factor)
    return sizedCase(`${letter} ${Object.values(changes)[0]!.toLocaleString('en')}`, changes)
  }),
}))
const roof = product(1024, 1024, 1024)

export const scaling: Scenario = {
  kind: 'race',
  name: 'scaling',
  title:
    'the rnn step with V, H = D, N or T changed, in useful operations a second; a large product for comparison',
  threads: 1,
  task: rnnTask,
  cases: [base, ...sized.flatMap(({ cases }) => cases), roof],
  throughputUnit: 'GFLOP/s',
  check: rnnCheck,
  contestants: [ours('scaling.ts'), ours('scaling.ts', { name: `${OURS} on 2 threads`, threads: 2 })],
  maxRounds: 5,
  plot,
}

/** For each number of threads: a curve for each size and the roofline. */
function plot({ contestants }: RunRecord): { series: Curve[]; options: PlotOptions } {
  const curves = contestants.flatMap((contestant) =>
    sized.map(({ letter, cases }): Curve => {
      const points = [base, ...cases].sort((a, b) => a.work - b.work)
      return {
        name: `${letter}, ${threadsOf(contestant)}`,
        x: points.map(({ work }) => work),
        y: points.map(({ name }) => resultOf(contestant, name).figures[TIME]!.median),
      }
    }),
  )
  const mostWork = Math.max(...curves.flatMap(({ x }) => x))
  const rooflines = contestants.map((contestant): Curve => {
    const rate = resultOf(contestant, roof.name).throughput!
    return { name: `roofline, ${threadsOf(contestant)}`, x: [0, mostWork], y: [0, (1000 * mostWork) / rate] }
  })
  return {
    series: [...curves, ...rooflines],
    options: {
      title: 'A training step around V 10,000, D = H = 100, N 20, T 35',
      xLabel: 'GFLOP a step',
      yLabel: 'ms a step',
      height: 640,
    },
  }
}

function threadsOf({ threads }: RecordedContestant): string {
  return threads === 1 ? '1 thread' : `${threads} threads`
}

function resultOf({ cases }: RecordedContestant, name: string) {
  return cases.find((recorded) => recorded.name === name)!
}
