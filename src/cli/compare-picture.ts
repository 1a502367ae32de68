/**
 * The plot of `rnnlm compare`: held-out perplexity by epoch, for all words and for those that require a long memory.
 */
import type { Texts } from '../data/texts.ts'
import type { ContenderResult } from '../experiments/index.ts'
import type { Panel } from '../report/panels.ts'
import { isCurve, type Series } from '../report/series.ts'

/** First epochs and lines are clipped if they are this many times as high as the second halves of all curves. */
const MOST_ABOVE = 1.25

/** Returns no panels if there is no curve to show. */
export function comparisonPanels(
  results: readonly ContenderResult[],
  { floor, memoryFloor }: Pick<Texts, 'floor' | 'memoryFloor'>,
): Panel[] {
  const onAllWords = seriesOf(results, ({ validPerplexities }) => validPerplexities, floor)
  const onMemoryWords = seriesOf(results, ({ memoryPerplexities }) => memoryPerplexities, memoryFloor)
  return [
    { heading: 'all words', series: onAllWords },
    { heading: 'memory words', series: onMemoryWords },
  ].flatMap(({ heading, series }) =>
    series.some(isCurve) ? [{ heading, series, yLimits: limitsOf(series) }] : [],
  )
}

/** The unigram model, which has no epochs, is a horizontal line. */
function seriesOf(
  results: readonly ContenderResult[],
  perplexitiesOf: (result: ContenderResult) => number[] | undefined,
  floor: number | undefined,
): Series[] {
  const series = results.flatMap((result): Series[] => {
    const y = perplexitiesOf(result)
    if (!y) return []
    return [
      result.contender === 'unigram'
        ? { name: result.contender, y: y[0]! }
        : { name: result.contender, x: y.map((_, epoch) => epoch + 1), y },
    ]
  })
  return floor === undefined ? series : [...series, { name: 'floor', y: floor }]
}

/**
 * A range in which the ends of the curves can be distinguished: it contains the second half of each and anything not
 * far above. First epochs and lines far above are clipped. A logarithmic axis has a margin at both ends.
 */
function limitsOf(series: readonly Series[]): [low: number, high: number] {
  const curves = series.filter(isCurve).map(({ y }) => y.filter(Number.isFinite))
  const lines = series.flatMap((item) => (isCurve(item) ? [] : [item.y]))
  const settled = Math.max(...curves.flatMap((y) => y.slice(Math.floor(y.length / 2))))
  const near = [...curves.flat(), ...lines].filter((value) => value <= MOST_ABOVE * settled)
  const [low, high] = [Math.min(...near), Math.max(...near)]
  const margin = low === high ? 2 : (high / low) ** 0.05
  return [low / margin, high * margin]
}
