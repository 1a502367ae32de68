/**
 * Asynchronous functions let the event loop run. The clock of these tests jumps whenever it is asked, so that every piece
 * of work takes more than the 10 ms after which a function rests: how often the event loop runs does not depend on the
 * machine.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { loadText } from '../src/data/text.ts'
import { checksumOf, loadTexts } from '../src/data/texts.ts'
import { Vocabulary } from '../src/data/vocabulary.ts'
import { trainContender } from '../src/experiments/index.ts'
import { generate, scoreSentences } from '../src/inference/index.ts'
import { saveModel } from '../src/interop/save-model.ts'
import { resolveSettings, TrainingJob } from '../src/jobs/index.ts'
import { loadModel } from '../src/jobs/load-model.ts'
import { SimpleRnnlm } from '../src/models/index.ts'
import { SGD } from '../src/optim/index.ts'
import { inPieces, ranges, sorted } from '../src/pace.ts'
import { evalPerplexity, RnnlmTrainer } from '../src/train/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'rnnlm-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const text = join(folder, 'text.txt')
const words = ['<eos>', '<unk>', ...Array.from({ length: 20 }, (_, i) => `w${i}`)]
const vocabulary = new Vocabulary(words)
const model = new SimpleRnnlm(vocabulary.size, 4, 4)
const line = Array.from({ length: 10 }, (_, i) => `w${(7 * i) % 20}`).join(' ')
const many = Array.from({ length: 5000 }, (_, i) => `${line} w${i % 20}`)
const corpus = Int32Array.from({ length: 200_000 }, (_, i) => 2 + ((i * 7) % 20))
const numbers = Array.from({ length: 20_000 }, (_, i) => (i * 7919) % 20_011)

beforeAll(() => {
  mkdirSync(join(folder, 'out'))
  // Many different words, so that the passes after reading have several pieces, too.
  const lines = Array.from({ length: 30_000 }, (_, i) => `${line} r${i} r${i}`)
  writeFileSync(text, lines.join('\n'))
})

let clock: ReturnType<typeof vi.spyOn>
beforeEach(() => {
  let milliseconds = 0
  clock = vi.spyOn(performance, 'now').mockImplementation(() => {
    milliseconds += 20
    return milliseconds
  })
})
afterEach(() => clock.mockRestore())

async function all(words: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of words);
}

type Case = [name: string, leastTurns: number, run: (signal: AbortSignal) => Promise<unknown>]

const CASES: Case[] = [
  [
    'generate, reading its prompt',
    50,
    (signal) => all(generate(model, vocabulary, { prompt: `${line} `.repeat(20), tokens: 1, signal })),
  ],
  [
    'generate, tokenising its prompt',
    5,
    (signal) => all(generate(model, vocabulary, { prompt: 'w1'.repeat(100_000), tokens: 0, signal })),
  ],
  [
    'generate, drawing words',
    50,
    (signal) => all(generate(model, vocabulary, { tokens: 100, topK: 3, signal })),
  ],
  ['scoreSentences, many', 1000, (signal) => scoreSentences(model, vocabulary, many, { signal })],
  [
    'scoreSentences, continued',
    1000,
    (signal) => scoreSentences(model, vocabulary, many, { continued: true, signal }),
  ],
  [
    'scoreSentences, a long one',
    20,
    (signal) => scoreSentences(model, vocabulary, [line.repeat(10_000)], { signal }),
  ],
  ['evalPerplexity', 500, (signal) => evalPerplexity(model, corpus, { signal })],
  [
    'evalPerplexity of plain numbers at places',
    500,
    (signal) =>
      evalPerplexity(model, [...corpus], {
        positions: Int32Array.from(corpus, (_, i) => i + 1).subarray(0, -1),
        signal,
      }),
  ],
  [
    'fit, checking its tokens',
    20,
    (signal) =>
      new RnnlmTrainer(model, new SGD(0)).fit(corpus, corpus, {
        maxEpoch: 1,
        batchSize: 100,
        timeSize: 2000,
        signal,
      }),
  ],
  ['loadText', 20, (signal) => loadText(text, { signal })],
  ['loadText, counting words', 40, (signal) => loadText(text, { minCount: 2, maxVocabSize: 20_000, signal })],
  ['loadText with a vocabulary', 10, (signal) => loadText(text, { vocabulary, signal })],
  ['loadTexts', 20, (signal) => loadTexts({ data: text, signal })],
  ['loadTexts of stories', 100, (signal) => loadTexts({ data: 'builtin', signal })],
  [
    'TrainingJob.create',
    20,
    (signal) =>
      TrainingJob.create(resolveSettings({ data: text, wordvecSize: 2, hiddenSize: 2 }), { signal }),
  ],
  [
    'trainContender, counting words',
    20,
    (signal) =>
      trainContender(
        'unigram',
        { vocabulary, train: corpus, valid: corpus },
        { maxEpoch: 1, seed: 0, window: 3, signal },
      ),
  ],
  ['checksumOf', 1, (signal) => inPieces(checksumOf({ vocabulary, train: new Int32Array(2 ** 20) }), signal)],
  [
    'sorted',
    20,
    (signal) =>
      inPieces(
        sorted(numbers, (a, b) => a - b),
        signal,
      ),
  ],
]

/** Runs, and counts the turns of the event loop meanwhile. */
async function turnsOf(run: () => Promise<unknown>, onTurn: (turns: number) => void = () => {}) {
  let turns = 0
  let isDone = false
  const count = () => {
    turns++
    onTurn(turns)
    if (!isDone) setImmediate(count)
  }
  setImmediate(count)
  try {
    await run()
  } finally {
    isDone = true
  }
  return turns
}

describe.each(CASES)('%s', (_, leastTurns, run) => {
  it('lets the event loop run', async () => {
    expect(await turnsOf(() => run(new AbortController().signal))).toBeGreaterThanOrEqual(leastTurns)
  })

  it('stops soon when its signal is aborted', async () => {
    const controller = new AbortController()
    let piecesBefore = 0
    const stopped = turnsOf(
      () => run(controller.signal),
      (turns) => {
        if (turns > 1) return
        controller.abort('enough')
        piecesBefore = clock.mock.calls.length
      },
    )
    await expect(stopped).rejects.toBe('enough')
    expect(clock.mock.calls.length - piecesBefore).toBeLessThanOrEqual(5)
  })
})

it('saveModel and loadModel keep what they save', async () => {
  const path = join(folder, 'out', 'model.safetensors')
  expect(await turnsOf(() => saveModel(path, model, vocabulary))).toBeGreaterThan(1)
  expect((await loadModel(path)).vocabulary.idToWord).toEqual(words)
})

describe('work in pieces', () => {
  it('covers all places once', () => {
    expect([...ranges(0)]).toEqual([])
    expect([...ranges(5, 2)]).toEqual([
      [0, 2],
      [2, 4],
      [4, 5],
    ])
  })

  it.each([0, 1, 1023, 1024, 1025, 2049, 5000])(
    'sorts %i items, the earlier first of equal ones',
    async (size) => {
      const items = Array.from({ length: size }, (_, i) => ({ key: (i * 7919) % 97, i }))
      const found = await inPieces(
        sorted(items, (a, b) => a.key - b.key),
        undefined,
      )
      expect(found).toEqual([...items].sort((a, b) => a.key - b.key))
    },
  )
})
