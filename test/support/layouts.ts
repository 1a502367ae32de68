/**
 * The same elements in every layout that a view can have. What lies around a view is NaN: an operation that reads it
 * gives NaN, and one that writes it leaves a number where none may be.
 */
import { expect } from 'vitest'
import { type Shape, Tensor } from '../../src/tensor/index.ts'

/**
 * `offset`: adjacent elements that start in the middle of the array; `padded`: rows with a gap after each;
 * `middle`: the second of three along a new second axis, as xs[:, t] is; `picked`: every third element.
 */
export const LAYOUTS = ['contiguous', 'offset', 'padded', 'middle', 'picked'] as const
export type Layout = (typeof LAYOUTS)[number]

function emptyView(shape: Shape, layout: Layout): Tensor {
  if (shape.length === 0 && layout !== 'contiguous')
    return Tensor.full([3], Number.NaN).select(0, 1) as Tensor
  const last = shape.length - 1
  switch (layout) {
    case 'contiguous':
      return Tensor.full(shape, Number.NaN)
    case 'offset':
      return Tensor.full(shape.with(0, shape[0]! + 2), Number.NaN).slice(0, 1, shape[0]! + 1)
    case 'padded':
      return Tensor.full(shape.with(last, shape[last]! + 5), Number.NaN).slice(last, 2, shape[last]! + 2)
    case 'middle':
      return Tensor.full([shape[0]!, 3, ...shape.slice(1)], Number.NaN).select(1, 1) as Tensor
    case 'picked':
      return Tensor.full([...shape, 3], Number.NaN).select(shape.length, 1) as Tensor
  }
}

export function inLayout(values: Tensor, layout: Layout): Tensor {
  return emptyView(values.shape, layout).copyFrom(values)
}

/** Asserts that an operation wrote nothing outside the view; the view itself must hold no NaN. */
export function expectNothingElseWritten(view: Tensor): void {
  expect(view.data.reduce((numbers, value) => numbers + (Number.isNaN(value) ? 0 : 1), 0)).toBe(view.size)
}
