import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createProgress } from '../../src/report/progress.ts'

const state = {
  epoch: 3,
  maxEpoch: 100,
  iteration: 30,
  iterations: 1000,
  perplexity: 123.456,
  wordsPerSecond: 212_345.4,
}

class FakeStream {
  readonly chunks: string[] = []
  constructor(
    readonly isTTY: boolean,
    public columns?: number,
  ) {}
  write(text: string): boolean {
    this.chunks.push(text)
    return true
  }
  /** What the last chunk shows. */
  get shown(): string {
    return this.chunks.at(-1)!.replace(/^\r/, '').replace('\u001b[K', '')
  }
}

beforeEach(() => {
  vi.stubEnv('TERM', 'xterm')
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'setInterval', 'setImmediate'] })
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
})

describe('away from a terminal', () => {
  test('writes one line an epoch', () => {
    const stream = new FakeStream(false)
    const progress = createProgress(stream)
    progress.update(state)
    vi.advanceTimersByTime(3000)
    progress.finishEpoch(state)
    progress.finishEpoch({ ...state, epoch: 100, iteration: 1000, perplexity: 7.5, validPerplexity: 150.1 })
    progress.stop()
    expect(stream.chunks).toEqual([
      'epoch   3/100  perplexity  123.46  212,345 words/s  1:37 left\n',
      'epoch 100/100  perplexity    7.50  held-out  150.10  212,345 words/s  0:00 left\n',
    ])
  })

  test('reckons the time left of a resumed run from where it went on', () => {
    const stream = new FakeStream(false)
    const progress = createProgress(stream, { firstIteration: 500 })
    vi.advanceTimersByTime(10_000)
    progress.finishEpoch({ ...state, iteration: 600 })
    expect(stream.chunks[0]).toContain('0:40 left')
  })

  test('counts the characters of a text of characters', () => {
    const stream = new FakeStream(false)
    createProgress(stream, { unit: 'character' }).finishEpoch(state)
    expect(stream.chunks[0]).toContain('212,345 characters/s')
  })

  test('does not know the time left before anything is done', () => {
    const stream = new FakeStream(false)
    createProgress(stream).finishEpoch({ ...state, iteration: 0 })
    expect(stream.chunks[0]).toContain('-:-- left')
  })
})

describe('on a terminal', () => {
  test('draws one line in place and ends it once', () => {
    const stream = new FakeStream(true, 120)
    const progress = createProgress(stream)
    vi.advanceTimersByTime(3000)
    progress.update({ ...state, iteration: 300 })
    expect(stream.chunks[0]).toBe(
      `\repoch   3/100  ${'█'.repeat(9)}${'░'.repeat(21)}  perplexity  123.46  212,345 words/s  0:07 left\u001b[K`,
    )
    progress.stop()
    progress.stop()
    expect(stream.chunks.slice(2)).toEqual(['\n'])
    expect(stream.chunks.slice(0, 2).join('')).not.toContain('\n')
  })

  test('keeps the held-out perplexity on show', () => {
    const stream = new FakeStream(true, 120)
    const progress = createProgress(stream)
    progress.finishEpoch({ ...state, validPerplexity: 150.1 })
    vi.advanceTimersByTime(1000)
    progress.update(state)
    expect(stream.shown).toContain('held-out  150.10')
  })

  test('is drawn at most ten times a second, and the last state always', () => {
    const stream = new FakeStream(true, 80)
    const progress = createProgress(stream)
    for (let iteration = 1; iteration <= 1000; iteration += 1) {
      vi.advanceTimersByTime(1)
      progress.update({ ...state, iteration })
    }
    expect(stream.chunks.length).toBeLessThanOrEqual(11)
    progress.update({ ...state, epoch: 100, iteration: 1000 })
    progress.stop()
    expect(stream.chunks.join('')).toContain('epoch 100/100')
  })

  test('sets no timer and changes no mode of the terminal', () => {
    const stream = new FakeStream(true, 80)
    createProgress(stream).update(state)
    expect(vi.getTimerCount()).toBe(0)
    expect(stream.chunks.join('').replaceAll('\u001b[K', '')).not.toContain('\u001b')
  })

  test.each([1, 10, 20, 40, 50, 60, 80, 120, 200, 300])('leaves room for ^C in %d columns', (columns) => {
    const stream = new FakeStream(true, columns)
    createProgress(stream).update({ ...state, validPerplexity: 150.1 })
    expect(stream.shown.length).toBeLessThanOrEqual(Math.max(0, columns - 3))
  })

  test.each([
    [1, ''],
    [12, '3/100'],
    [20, 'held-out 150.10'],
    [30, '3/100  held-out 150.10'],
    [40, '3/100  ppl 123.46  held-out 150.10'],
    [60, 'epoch   3/100  perplexity  123.46  held-out  150.10'],
    [70, 'epoch   3/100  perplexity  123.46  held-out  150.10  -:-- left'],
    [80, `epoch   3/100  ${'░'.repeat(13)}  perplexity  123.46  held-out  150.10  -:-- left`],
    [
      120,
      `epoch   3/100  ${'░'.repeat(30)}  perplexity  123.46  held-out  150.10  212,345 words/s  -:-- left`,
    ],
  ])('shows in %d columns what matters most, the held-out perplexity first', (columns, line) => {
    const stream = new FakeStream(true, columns)
    createProgress(stream).update({ ...state, iteration: 0, validPerplexity: 150.1 })
    expect(stream.shown).toBe(line)
  })

  test.each([
    [12, '3/100'],
    [20, '3/100  ppl 123.46'],
    [40, 'epoch   3/100  perplexity  123.46'],
    [80, `epoch   3/100  ${'░'.repeat(14)}  perplexity  123.46  212,345 words/s  -:-- left`],
  ])('shows in %d columns without a held-out text what there is', (columns, line) => {
    const stream = new FakeStream(true, columns)
    createProgress(stream).update({ ...state, iteration: 0 })
    expect(stream.shown).toBe(line)
  })

  test('makes room for other lines, and is drawn again at the next state', () => {
    const stream = new FakeStream(true, 80)
    const progress = createProgress(stream)
    progress.clear()
    progress.update(state)
    progress.clear()
    progress.update(state)
    expect(stream.chunks).toEqual([stream.chunks[0], '\r\u001b[K', stream.chunks[0]])
  })

  test('is no bar on a terminal that cannot redraw a line', () => {
    vi.stubEnv('TERM', 'dumb')
    const stream = new FakeStream(true, 80)
    const progress = createProgress(stream)
    progress.update(state)
    progress.finishEpoch(state)
    progress.stop()
    expect(stream.chunks).toEqual(['epoch   3/100  perplexity  123.46  212,345 words/s  0:00 left\n'])
  })

  test('follows a change of the width, and does without a known one', () => {
    const stream = new FakeStream(true)
    const progress = createProgress(stream)
    progress.update(state)
    expect(stream.shown).toHaveLength(77)
    stream.columns = 40
    vi.advanceTimersByTime(1000)
    progress.update(state)
    expect(stream.shown.length).toBeLessThan(40)
  })

  test('writes nothing when stopped before the first state', () => {
    const stream = new FakeStream(true, 80)
    createProgress(stream).stop()
    expect(stream.chunks).toEqual([])
  })
})
