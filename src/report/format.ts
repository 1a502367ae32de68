/** Formats numbers for people: counts, perplexities, durations, axis ticks. */
import type { Unit } from '../data/tokenizer.ts'

/** Created on first use: it takes 40 ms, which most failing commands do not need. */
function numberFormat(options: Intl.NumberFormatOptions): (value: number) => string {
  let format: Intl.NumberFormat | undefined
  return (value) => {
    format ??= new Intl.NumberFormat('en-US', options)
    return format.format(value)
  }
}

const whole = numberFormat({ maximumFractionDigits: 0 })
const oneDecimal = numberFormat({ minimumFractionDigits: 1, maximumFractionDigits: 1 })
const twoDecimals = numberFormat({ minimumFractionDigits: 2, maximumFractionDigits: 2 })
const shortest = numberFormat({ maximumSignificantDigits: 6 })

/** A count, rounded, with thousands separators: `212,345`. */
export function formatCount(count: number): string {
  return Number.isFinite(count) ? whole(count) : String(count)
}

/** A speed: `212,345 words/s`. */
export function formatSpeed(perSecond: number, unit: Unit): string {
  return `${formatCount(perSecond)} ${unit}s/s`
}

/** A perplexity with about five digits: `7.04`, `123.45`, `1,234.5`, `12,346`. */
export function formatPerplexity(perplexity: number): string {
  if (!Number.isFinite(perplexity)) return String(perplexity)
  if (perplexity < 999.995) return twoDecimals(perplexity)
  if (perplexity < 9999.95) return oneDecimal(perplexity)
  return perplexity < 1e9 ? whole(perplexity) : perplexity.toExponential(2)
}

/** A duration in seconds as `m:ss`, or `h:mm:ss` from one hour; `-:--` if unknown. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '-:--'
  const total = Math.max(0, Math.round(seconds))
  const hours = Math.floor(total / 3600)
  const minutes = Math.floor(total / 60) % 60
  const twoDigits = (value: number) => String(value).padStart(2, '0')
  const tail = twoDigits(total % 60)
  return hours > 0 ? `${hours}:${twoDigits(minutes)}:${tail}` : `${minutes}:${tail}`
}

/** An axis label with no more digits than necessary: `0.5`, `100`, `20,000`, `1e+12`. */
export function formatTick(value: number): string {
  const size = Math.abs(value)
  return size !== 0 && (size >= 1e9 || size < 1e-4) ? value.toExponential() : shortest(value)
}

/** A fraction as a percentage: `4.2 %`. */
export function formatShare(part: number, whole: number): string {
  return `${oneDecimal((100 * part) / whole)} %`
}

/** Converts nats to bits. */
export function bitsOf(nats: number): number {
  return nats / Math.LN2
}
