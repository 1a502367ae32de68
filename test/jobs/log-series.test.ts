import { expect, test } from 'vitest'
import type { LogRecord } from '../../src/jobs/log-records.ts'
import { seriesFromLog, seriesFromRuns } from '../../src/jobs/log-series.ts'

const train = (epoch: number, iteration: number, perplexity: number): LogRecord => ({
  type: 'train',
  epoch,
  iteration,
  perplexity,
  wordsPerSecond: 1000,
  seconds: iteration / 100,
})
const valid = (epoch: number, iteration: number, perplexity: number): LogRecord => ({
  type: 'valid',
  epoch,
  iteration,
  perplexity,
})

test('one perplexity per epoch is plotted at the number of the epoch', () => {
  const records: LogRecord[] = [
    { type: 'start', floor: 4.5 },
    train(1, 99, 380),
    valid(1, 99, 390),
    train(2, 198, 200),
    valid(2, 198, 210),
    { type: 'end', perplexity: 200 },
  ]
  expect(seriesFromLog(records, 'run')).toEqual([
    { name: 'run training', x: [1, 2], y: [380, 200] },
    { name: 'run held-out', x: [1, 2], y: [390, 210] },
    { name: 'run floor', y: 4.5 },
  ])
})

test('several perplexities per epoch are plotted at fractions of it', () => {
  const records = [train(1, 20, 5), train(1, 40, 4), train(2, 60, 3), train(2, 80, 2)]
  expect(seriesFromLog(records, '')).toEqual([{ name: 'training', x: [0.5, 1, 1.5, 2], y: [5, 4, 3, 2] }])
})

test('counts iterations where asked', () => {
  const records = [train(1, 20, 5), train(1, 40, 4)]
  expect(seriesFromLog(records, '', 'iteration')).toEqual([{ name: 'training', x: [20, 40], y: [5, 4] }])
})

test('takes the floor of the result before that of the start', () => {
  const records: LogRecord[] = [
    { type: 'start', floor: 4 },
    valid(1, 9, 7),
    { type: 'end', perplexity: 7, floor: 5 },
  ]
  expect(seriesFromLog(records, '')).toEqual([
    { name: 'held-out', x: [1], y: [7] },
    { name: 'floor', y: 5 },
  ])
})

test('the curves of a run are one group, and a floor that runs share is one line', () => {
  const run = (floor: number): LogRecord[] => [{ type: 'start', floor }, train(1, 9, 8), valid(1, 9, 7)]
  const curves = (name: string, group: string) => [
    { name: `${name} training`, x: [1], y: [8], group },
    { name: `${name} held-out`, x: [1], y: [7], group },
  ]
  const same = seriesFromRuns([
    { name: 'a', records: run(5) },
    { name: 'b', records: run(5) },
  ])
  expect(same).toEqual([...curves('a', '0'), ...curves('b', '1'), { name: 'floor', y: 5 }])
  const different = seriesFromRuns([
    { name: 'a', records: run(5) },
    { name: 'b', records: run(4) },
  ])
  expect(different.slice(4)).toEqual([
    { name: 'a floor', y: 5 },
    { name: 'b floor', y: 4 },
  ])
})

test('a log of hundreds of thousands of records is no trouble', () => {
  const records = Array.from({ length: 300_000 }, (_, index) => train(1, index + 1, 5))
  const [curve] = seriesFromLog(records, '', 'iteration')
  expect(curve).toMatchObject({ name: 'training' })
})

test('a log without perplexities is an error', () => {
  expect(() => seriesFromLog([{ type: 'start' }], 'run')).toThrow(
    'seriesFromLog: records: expected at least one "train" or "valid" record',
  )
})
