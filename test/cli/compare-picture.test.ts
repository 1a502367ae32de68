import { expect, test } from 'vitest'
import { comparisonPanels } from '../../src/cli/compare-picture.ts'
import type { Contender, ContenderResult } from '../../src/experiments/index.ts'

function result(
  contender: Contender,
  validPerplexities: number[],
  memoryPerplexities?: number[],
): ContenderResult {
  const measured = { perplexity: Math.min(...validPerplexities), validPerplexities, memoryPerplexities }
  return { contender, description: '', recipe: '', parameters: 1, ...measured }
}

const unigram = result('unigram', [150], [310])
const nplm = result('nplm', [40, 7, 6.5, 6], [90, 9, 8.5, 8])
const lstm = result('lstm', [60, 6, 5.5, 5.25], [70, 4, 1.5, 1.25])

test('one panel of all words and one of memory words, each with its lines', () => {
  const panels = comparisonPanels([unigram, nplm, lstm], { floor: 5, memoryFloor: 1 })
  expect(panels.map(({ heading }) => heading)).toEqual(['all words', 'memory words'])
  const x = [1, 2, 3, 4]
  expect(panels[0]!.series).toEqual([
    { name: 'unigram', y: 150 },
    { name: 'nplm', x, y: nplm.validPerplexities },
    { name: 'lstm', x, y: lstm.validPerplexities },
    { name: 'floor', y: 5 },
  ])
  expect(panels[1]!.series.map(({ y }) => y)).toEqual([
    ...[310, nplm.memoryPerplexities, lstm.memoryPerplexities, 1],
  ])
})

test('their ranges show the second half of each curve and the floor, not first epochs and lines far above', () => {
  const [all, memory] = comparisonPanels([unigram, nplm, lstm], { floor: 5, memoryFloor: 1 })
  const margins = [(7 / 5) ** 0.05, (9 / 1) ** 0.05] as const
  expect(all!.yLimits).toEqual([5 / margins[0], 7 * margins[0]])
  expect(memory!.yLimits).toEqual([1 / margins[1], 9 * margins[1]])
})

test('what lies close is shown whole', () => {
  const [panel] = comparisonPanels([result('unigram', [7]), result('rnn', [6.5, Number.NaN, 6, 6])], {})
  const margin = (7 / 6) ** 0.05
  expect(panel!.yLimits).toEqual([6 / margin, 7 * margin])
  expect(comparisonPanels([result('rnn', [4])], {})[0]!.yLimits).toEqual([2, 8])
})

test('no panel for what nobody knows, and none without curves', () => {
  const panels = comparisonPanels([result('unigram', [9]), result('rnn', [4, 3])], {})
  expect(panels.map(({ heading }) => heading)).toEqual(['all words'])
  expect(comparisonPanels([unigram], { floor: 5, memoryFloor: 1 })).toEqual([])
  expect(comparisonPanels([], {})).toEqual([])
})
