/** What the layers that look through a window of n steps are given: xs [N, n − 1 + T, D], for T windows a stream. */
import { rangeError } from '../errors.ts'
import { type Batch3, checkInput } from './layer.ts'

/** Checks xs, and returns how many streams and how many windows there are. */
export function checkWindows(
  operation: string,
  xs: Batch3,
  window: number,
  size: number,
): [N: number, T: number] {
  checkInput(operation, 'xs', xs, 'float32', [
    ['N', null],
    ['steps', null],
    ['D', size],
  ])
  const [N, steps] = xs.shape
  if (steps < window) throw rangeError(operation, 'xs', `at least ${window} steps, as in a window`, xs.shape)
  return [N, steps - window + 1]
}
