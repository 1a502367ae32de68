import { expect, it } from 'vitest'
import { closestName, editDistance } from '../src/closest-name.ts'

it.each([
  ['', '', 0],
  ['abc', '', 3],
  ['kitten', 'sitting', 3],
  ['maxEpochs', 'maxEpoch', 1],
  ['lrdeacy', 'lrdecay', 1],
])('the distance of "%s" and "%s" is %i in both directions', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance)
  expect(editDistance(b, a)).toBe(distance)
})

const known = ['batchSize', 'timeSize', 'maxEpoch', 'lr', 'beta1', 'beta2']

it.each([
  ['batchSise', 'batchSize'],
  ['batch_size', 'batchSize'],
  ['BatchSize', 'batchSize'],
  ['batch', 'batchSize'],
  ['tmieSize', 'timeSize'],
  ['lrs', 'lr'],
  ['betas', 'beta1'],
  ['depth', undefined],
  ['', undefined],
  ['xy', undefined],
  ['toString', undefined],
])('for "%s" it is %s', (name, closest) => {
  expect(closestName(name, known)).toBe(closest)
})
