/** A tensor as text: its type and shape, then its elements, the middle of long axes left out. */
import type { Shape } from './shape.ts'

type Nested = number | readonly Nested[]

const SHOWN_AT_EACH_END = 3
const SHOWN_AT_MOST = 8

function formatNumber(dtype: string, value: number): string {
  return dtype === 'int32' || !Number.isFinite(value)
    ? String(value)
    : Number(value.toPrecision(5)).toString()
}

function formatNested(dtype: string, nested: Nested, indent: string): string {
  if (typeof nested === 'number') return formatNumber(dtype, nested)
  const isShort = nested.length <= SHOWN_AT_MOST
  const shown = isShort
    ? nested
    : [...nested.slice(0, SHOWN_AT_EACH_END), ...nested.slice(-SHOWN_AT_EACH_END)]
  const parts = shown.map((item) => formatNested(dtype, item, `${indent} `))
  if (!isShort) parts.splice(SHOWN_AT_EACH_END, 0, '…')
  return `[${parts.join(typeof nested[0] === 'number' ? ', ' : `,\n${indent} `)}]`
}

export function formatTensor(dtype: string, shape: Shape, nested: Nested): string {
  return `Tensor ${dtype} [${shape.join(', ')}]\n${formatNested(dtype, nested, '')}`
}
