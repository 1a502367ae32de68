/**
 * Shows the progress of a training run: on a terminal, a progress bar on one line that is redrawn; otherwise one line
 * per epoch. It uses no timer and no terminal mode, so it neither keeps the process alive nor leaves the terminal in a
 * changed state.
 */
import type { Unit } from '../data/tokenizer.ts'
import { formatDuration, formatPerplexity, formatSpeed } from './format.ts'
import { canRedraw, columnsOf } from './terminal.ts'

interface TrainingProgress {
  /** Counted from 1. */
  epoch: number
  maxEpoch: number
  /** Number of iterations done over the whole run. */
  iteration: number
  /** Number of iterations of the whole run. */
  iterations: number
  perplexity: number
  wordsPerSecond: number
  /** Perplexity on held-out text, if it was measured; the bar shows it until the next one. */
  validPerplexity?: number | undefined
}

interface Progress {
  /** Shows the state within an epoch. Cheap enough to call at every iteration. */
  update(progress: TrainingProgress): void
  /** Shows the state at the end of an epoch. */
  finishEpoch(progress: TrainingProgress): void
  /** Removes the bar so that other output can be written; the next update redraws it. */
  clear(): void
  /** Shows the final state and ends the line. Further calls do nothing. */
  stop(): void
}

/** The stream for progress, such as `process.stderr`. */
export interface ProgressStream {
  isTTY?: boolean
  columns?: number
  write(text: string): unknown
}

const FASTEST = 999_999
const REDRAW_INTERVAL = 100
const LONGEST_BAR = 30
const SHORTEST_BAR = 6
/** Columns left free at the end of the line for the `^C` of a terminal, plus one that prevents wrapping. */
const FREE_COLUMNS = 3
const CLEAR_REST_OF_LINE = '\u001b[K'

interface ProgressOptions {
  /** Number of iterations done before the run was resumed. The remaining time is estimated from there. */
  firstIteration?: number
  /** The unit of the text. */
  unit?: Unit
}

export function createProgress(
  stream: ProgressStream,
  { firstIteration = 0, unit = 'word' }: ProgressOptions = {},
): Progress {
  const secondsLeft = stopwatch(firstIteration)
  const fieldsOf = (progress: TrainingProgress): Fields => fields(progress, secondsLeft(progress), unit)
  return canRedraw(stream) ? new ProgressBar(stream, fieldsOf) : new ProgressLines(stream, fieldsOf)
}

class ProgressBar implements Progress {
  readonly #stream: ProgressStream
  readonly #fieldsOf: FieldsOf
  #state: TrainingProgress | undefined
  #drawnAt = -Infinity

  constructor(stream: ProgressStream, fieldsOf: FieldsOf) {
    this.#stream = stream
    this.#fieldsOf = fieldsOf
  }

  update(progress: TrainingProgress): void {
    const validPerplexity = progress.validPerplexity ?? this.#state?.validPerplexity
    this.#state = { ...progress, validPerplexity }
    if (performance.now() - this.#drawnAt >= REDRAW_INTERVAL) this.#draw(this.#state)
  }

  finishEpoch(progress: TrainingProgress): void {
    this.update(progress)
  }

  clear(): void {
    if (!this.#state) return
    this.#drawnAt = -Infinity
    this.#stream.write(`\r${CLEAR_REST_OF_LINE}`)
  }

  stop(): void {
    if (!this.#state) return
    this.#draw(this.#state)
    this.#stream.write('\n')
    this.#state = undefined
  }

  #draw(progress: TrainingProgress): void {
    this.#drawnAt = performance.now()
    const width = Math.max(0, columnsOf(this.#stream) - FREE_COLUMNS)
    const line = barLine(progress, this.#fieldsOf(progress), width)
    this.#stream.write(`\r${line}${CLEAR_REST_OF_LINE}`)
  }
}

class ProgressLines implements Progress {
  readonly #stream: ProgressStream
  readonly #fieldsOf: FieldsOf

  constructor(stream: ProgressStream, fieldsOf: FieldsOf) {
    this.#stream = stream
    this.#fieldsOf = fieldsOf
  }

  update(): void {}

  finishEpoch(progress: TrainingProgress): void {
    const { epoch, perplexity, heldOut, speed, left } = this.#fieldsOf(progress)
    this.#stream.write(`${join(epoch, perplexity, heldOut, speed, left)}\n`)
  }

  clear(): void {}

  stop(): void {}
}

/** The estimated remaining time, from the mean duration of the iterations so far. */
function stopwatch(firstIteration: number): (progress: TrainingProgress) => number {
  const startedAt = performance.now()
  return ({ iteration, iterations }) => {
    const elapsed = (performance.now() - startedAt) / 1000
    return (elapsed / (iteration - firstIteration)) * (iterations - iteration)
  }
}

/** The longest line that fits into `width` columns. Speed, bar and remaining time are dropped in this order. */
function barLine(progress: TrainingProgress, fields: Fields, width: number): string {
  const { epoch, perplexity, heldOut, speed, left } = fields
  const withBar = [
    [perplexity, heldOut, speed, left],
    [perplexity, heldOut, left],
  ]
  for (const rest of withBar) {
    const room = width - join(epoch, ...rest).length - 2
    if (room >= SHORTEST_BAR) return join(epoch, bar(progress, Math.min(room, LONGEST_BAR)), ...rest)
  }
  const withoutBar = [
    join(epoch, perplexity, heldOut, left),
    join(epoch, perplexity, heldOut),
    ...narrowLines(progress),
  ]
  return withoutBar.find((line) => line.length <= width) ?? ''
}

/** Shorter forms for narrow terminals, longest first. */
function narrowLines({ epoch, maxEpoch, perplexity, validPerplexity }: TrainingProgress): string[] {
  const count = `${epoch}/${maxEpoch}`
  const training = `ppl ${formatPerplexity(perplexity)}`
  if (validPerplexity === undefined) return [join(count, training), `epoch ${count}`, count]
  const heldOut = `held-out ${formatPerplexity(validPerplexity)}`
  return [join(count, training, heldOut), join(count, heldOut), heldOut, count]
}

function bar({ iteration, iterations }: TrainingProgress, width: number): string {
  const done = Math.round(width * Math.min(1, iteration / iterations))
  return '█'.repeat(done) + '░'.repeat(width - done)
}

type Fields = ReturnType<typeof fields>
type FieldsOf = (progress: TrainingProgress) => Fields

function fields(progress: TrainingProgress, secondsLeft: number, unit: Unit) {
  const maxEpoch = String(progress.maxEpoch)
  const valid = progress.validPerplexity
  return {
    epoch: `epoch ${String(progress.epoch).padStart(maxEpoch.length)}/${maxEpoch}`,
    perplexity: `perplexity ${formatPerplexity(progress.perplexity).padStart(7)}`,
    heldOut: valid === undefined ? undefined : `held-out ${formatPerplexity(valid).padStart(7)}`,
    speed: formatSpeed(progress.wordsPerSecond, unit).padStart(formatSpeed(FASTEST, unit).length),
    left: `${formatDuration(secondsLeft)} left`,
  }
}

function join(...texts: (string | undefined)[]): string {
  return texts.filter((text) => text !== undefined).join('  ')
}
