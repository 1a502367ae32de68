// exp, tanh and sigmoid of vectors. The error is at most 2 units in the last place (sigmoid: 3) over the whole range,
// including ±0, ±inf, NaN and denormals. The coefficients are minimax fits.
#pragma once

namespace rnnlm {
namespace {

constexpr float exp_overflow = 89.0f;     // e^89 > the largest float
constexpr float exp_underflow = -104.0f;  // e^−104 < half the smallest denormal

constexpr float to_integer = 12582912.0f;      // 1.5 · 2^23: adding it to |x| < 2^22 rounds to an integer

// exp(x) = 2^n · exp(r) with n = round(x / ln 2), |r| ≤ ln 2 / 2, exp(r) = 1 + r · (1 + r · q(r)), for x between the
// bounds. ln 2 is split so that n · high is exact.
inline Vector exp_within_bounds(Vector x) {
  const Vector n = multiply_add(x, broadcast(1.44269504f), broadcast(to_integer)) - broadcast(to_integer);
  Vector r = multiply_add(n, broadcast(-0.693359375f), x);
  r = multiply_add(n, broadcast(2.12194440e-4f), r);
  const Vector one = broadcast(1.0f);
  Vector q = broadcast(1.38638e-3f);
  q = multiply_add(q, r, broadcast(8.36751e-3f));
  q = multiply_add(q, r, broadcast(4.166724e-2f));
  q = multiply_add(q, r, broadcast(1.6666534e-1f));
  q = multiply_add(q, r, broadcast(0.5f));
  const Vector power = multiply_add(multiply_add(q, r, one), r, one);
  return scale_by_power_of_two(power, n);
}

// The order of operands matters: minimum and maximum return the second one if either is NaN.
inline Vector exp_not_above_0(Vector x) { return exp_within_bounds(maximum(broadcast(exp_underflow), x)); }

inline Vector exp(Vector x) {
  return exp_within_bounds(minimum(broadcast(exp_overflow), maximum(broadcast(exp_underflow), x)));
}

// x · (1 + x² · p(x²)) if |x| < 0.625, otherwise 1 - 2 / (exp(2|x|) + 1). Computed for |x|, with the sign restored last.
inline Vector tanh(Vector x) {
  const Vector magnitude = absolute(x), square = magnitude * magnitude, one = broadcast(1.0f);
  Vector p = broadcast(2.1408696e-3f);
  p = multiply_add(p, square, broadcast(-8.175183e-3f));
  p = multiply_add(p, square, broadcast(2.1699838e-2f));
  p = multiply_add(p, square, broadcast(-5.394661e-2f));
  p = multiply_add(p, square, broadcast(1.3333204e-1f));
  p = multiply_add(p, square, broadcast(-3.333333e-1f));
  const Vector near = multiply_add(magnitude * square, p, magnitude);
  const Vector far = one - broadcast(2.0f) / (exp(magnitude + magnitude) + one);
  return copy_sign(select(less(magnitude, broadcast(0.625f)), near, far), x);
}

// 1 / (1 + e^-x), computed with e = exp(-|x|), which cannot overflow: 1 / (1 + e), or e / (1 + e) if x < 0.
// `lost` is the rounding error of 1 + e; it changes the quotient, to first order, by -quotient · lost / (1 + e).
inline Vector sigmoid(Vector x) {
  const Vector zero = broadcast(0.0f), one = broadcast(1.0f);
  const Vector e = exp_not_above_0(zero - absolute(x)), total = one + e, lost = e - (total - one);
  const Mask is_negative = less(x, zero);
  const Vector quotient = select(is_negative, e, one) / total;
  return quotient - quotient * lost * select(is_negative, one - quotient, quotient);
}

}  // namespace
}  // namespace rnnlm
