/** The supported element types of safetensors files and their conversion. All are little-endian. */
import type { DType } from '../tensor/index.ts'

export type ElementType = 'F32' | 'I32' | 'F64' | 'F16' | 'BF16'

interface Reading {
  /** Bytes per element. */
  bytes: number
  dtype: DType
  /** Converts elements to float32; undefined if no conversion is needed. */
  convert?: (buffer: ArrayBuffer) => Float32Array
}

export const ELEMENT_TYPES: Readonly<Record<ElementType, Reading>> = {
  F32: { bytes: 4, dtype: 'float32' },
  I32: { bytes: 4, dtype: 'int32' },
  F64: { bytes: 8, dtype: 'float32', convert: (buffer) => Float32Array.from(new Float64Array(buffer)) },
  F16: {
    bytes: 2,
    dtype: 'float32',
    convert: (buffer) => Float32Array.from(new Uint16Array(buffer), halfToFloat),
  },
  BF16: {
    bytes: 2,
    dtype: 'float32',
    convert: (buffer) =>
      new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer),
  },
}

/** IEEE 754 binary16: 1 bit sign, 5 bits exponent (bias 15), 10 bits fraction. */
function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = (bits & 1023) / 1024
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * (exponent === 0 ? fraction * 2 ** -14 : (1 + fraction) * 2 ** (exponent - 15))
}
