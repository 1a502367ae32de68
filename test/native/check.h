// Counts checks and compares arrays: each value with its float64 reference, in units in the last place (ulp).
#pragma once
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <algorithm>
#include <vector>

namespace rnnlm {

inline int passed = 0, failed = 0;
constexpr int most_failures_shown = 20;

// `format` states what must hold; it is printed if it does not.
__attribute__((format(printf, 2, 3))) inline void check(bool holds, const char* format, ...) {
  if (holds) {
    passed++;
    return;
  }
  if (++failed > most_failures_shown) return;
  va_list arguments;
  va_start(arguments, format);
  printf("failed: ");
  vprintf(format, arguments);
  printf("\n");
  va_end(arguments);
}

inline uint32_t bits_of(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

inline float float_of(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

// The distance of `got` from the true value, in units in the last place. Infinity counts as the float after the largest
// one. NaN matches only NaN, and zero only a zero of the same sign.
inline double ulp_error(float got, double exact) {
  if (isnan(got) || isnan(exact)) return isnan(got) && isnan(exact) ? 0 : INFINITY;
  if (exact == 0) return got == 0 && signbit(got) == signbit(exact) ? 0 : INFINITY;
  const double limit = 0x1p128;
  const double wanted = fmax(-limit, fmin(limit, exact));
  const double reached = fmax(-limit, fmin(limit, static_cast<double>(got)));
  const int exponent = std::clamp(ilogb(wanted), -126, 127);
  return ldexp(fabs(reached - wanted), 23 - exponent);
}

// Checks that every element of `got` is within `most_ulps` of `exact`; 0 if results must be exact.
template <class Array>
void check_array(const Array& got, const std::vector<double>& exact, double most_ulps, const char* what) {
  for (size_t i = 0; i < exact.size(); i++) {
    const double error = ulp_error(got[i], exact[i]);
    if (error <= most_ulps) continue;
    check(false, "%s: element %zu of %zu is %.9g, not %.9g (%.3g ulp away)", what, i, exact.size(),
          static_cast<double>(got[i]), exact[i], error);
    return;
  }
  check(true, "%s", what);
}

}  // namespace rnnlm
