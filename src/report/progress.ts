/**
 * Progress of a training run: on a terminal one line with a bar, drawn anew in place; elsewhere one line an epoch.
 * There is no timer and no terminal mode behind it, so that it never keeps the process alive, and a process that dies
 * leaves the terminal as it was.
 */
import type { Unit } from '../data/tokenizer.ts'
import { formatDuration, formatPerplexity, formatSpeed } from './format.ts'
import { canRedraw, columnsOf } from './terminal.ts'

export interface TrainingProgress {
  /** Counted from 1. */
  epoch: number
  maxEpoch: number
  /** Iterations done, counted over the whole run. */
  iteration: number
  /** Iterations of the whole run. */
  iterations: number
  perplexity: number
  wordsPerSecond: number
  /** Perplexity on held-out text, where it was measured; the bar shows it until the next one. */
  validPerplexity?: number | undefined
}

export interface Progress {
  /** Shows the state within an epoch; cheap enough to be called at every iteration. */
  update(progress: TrainingProgress): void
  /** Shows the state at the end of an epoch. */
  finishEpoch(progress: TrainingProgress): void
  /** Takes the bar off its line, so that something else can be written there; the next state draws it again. */
  clear(): void
  /** Shows the last state and ends the line. Calling it again does nothing. */
  stop(): void
}

/** Where progress is written, such as `process.stderr`. */
export interface ProgressStream {
  isTTY?: boolean
  columns?: number
  write(text: string): unknown
}

const FASTEST = 999_999
const REDRAW_INTERVAL = 100
const LONGEST_BAR = 30
const SHORTEST_BAR = 6
/** Left free at the end of the line for `^C`, which a terminal shows there; one more keeps it from wrapping. */
const FREE_COLUMNS = 3
const CLEAR_REST_OF_LINE = '\u001b[K'

export interface ProgressOptions {
  /** The iterations that were done before, of a run that goes on; the time left is reckoned from there. */
  firstIteration?: number
  /** What the text is made of. */
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

/** The time left, if the iterations to come take as long as those since now on the average. */
function stopwatch(firstIteration: number): (progress: TrainingProgress) => number {
  const startedAt = performance.now()
  return ({ iteration, iterations }) => {
    const elapsed = (performance.now() - startedAt) / 1000
    return (elapsed / (iteration - firstIteration)) * (iterations - iteration)
  }
}

/** The fullest line that fits into `width` columns. What says least goes first: the speed, the bar, the time left. */
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

/** For a few columns, the longest first. */
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
