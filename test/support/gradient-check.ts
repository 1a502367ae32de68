/** Gradients by numeric differences: (L(v + ε) − L(v − ε)) / 2ε for one value after the other. */

type Numbers = number[] | Numbers[]

/**
 * The gradient of `loss` by every number nested in `values`, in the same nesting. `loss` reads `values`, which are
 * changed one at a time and put back. With float64 and values near 1 the result is right to about 1e-9.
 */
export function numericGradient<N extends Numbers>(loss: () => number, values: N, epsilon = 1e-5): N {
  return values.map((value, i) => {
    if (typeof value !== 'number') return numericGradient(loss, value, epsilon)
    values[i] = value + epsilon
    const above = loss()
    values[i] = value - epsilon
    const below = loss()
    values[i] = value
    return (above - below) / (2 * epsilon)
  }) as N
}

/** Σ values · weights: a loss whose gradient by `values` is `weights`. */
export function innerProduct(values: Numbers, weights: Numbers): number {
  let total = 0
  values.forEach((value, i) => {
    const weight = weights[i]!
    total += typeof value === 'number' ? value * (weight as number) : innerProduct(value, weight as Numbers)
  })
  return total
}
