import { describe, expect, test } from 'vitest'
import { COLORS } from '../../src/report/layout.ts'

type Triple = [number, number, number]

/** Linear light, 0 … 1. */
const light = (color: string): Triple =>
  [1, 3, 5].map((place) => {
    const value = Number.parseInt(color.slice(place, place + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }) as Triple

/** WCAG 2, on white. */
function contrast(color: string): number {
  const [red, green, blue] = light(color)
  return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
}

/** How people see who lack one kind of cone (Machado et al. 2009, in linear light). */
const EYES: Record<string, Triple[]> = {
  'all cones': [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
}

const dot = (a: Triple, b: Triple) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]

/** CIE L*a*b*, in which distances are about as large as they look. */
function seen(color: string, eye: Triple[]): Triple {
  const rgb = eye.map((row) => Math.min(1, Math.max(0, dot(row, light(color))))) as Triple
  const [x, y, z] = [
    dot([0.4124, 0.3576, 0.1805], rgb) / 0.9505,
    dot([0.2126, 0.7152, 0.0722], rgb),
    dot([0.0193, 0.1192, 0.9505], rgb) / 1.089,
  ].map((value) => (value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116)) as Triple
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}

describe('the colours of curves', () => {
  test.each(COLORS)('%s has a contrast of at least 3 on white', (color) => {
    expect(contrast(color)).toBeGreaterThanOrEqual(3)
  })

  test.each(Object.entries(EYES))('differ for eyes with %s', (_, eye) => {
    const colors = COLORS.map((color) => seen(color, eye))
    for (const [index, a] of colors.entries())
      for (const b of colors.slice(0, index))
        expect(Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])).toBeGreaterThan(15)
  })
})
