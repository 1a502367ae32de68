// Must be compiled with -ffp-contract=off: a fused multiply-add rounds differently.
#include "random.h"

#include <math.h>
#include <string.h>

#include <algorithm>

namespace rnnlm {
namespace {

constexpr uint32_t multiplier_0 = 0xD2511F53, multiplier_1 = 0xCD9E8D57;
constexpr uint32_t weyl_0 = 0x9E3779B9, weyl_1 = 0xBB67AE85;
constexpr int rounds = 10;

// ln x = n ln 2 + 2 atanh(s), s = (m − 1) / (m + 1), for m in [√½, √2): |s| < 0.172 and the series ends at s^19.
double natural_logarithm(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  int exponent = static_cast<int>(bits >> 52) - 1023;
  bits = (bits & 0x000FFFFFFFFFFFFF) | 0x3FF0000000000000;
  double mantissa;
  memcpy(&mantissa, &bits, sizeof mantissa);
  if (mantissa > 1.4142135623730951) {
    mantissa *= 0.5;
    exponent++;
  }
  const double s = (mantissa - 1) / (mantissa + 1), square = s * s;
  double series = 0;
  for (int k = 19; k >= 3; k -= 2) series = (series + 1.0 / k) * square;
  return exponent * 0.6931471805599453 + 2 * s * (1 + series);
}

struct SineAndCosine {
  double sine, cosine;
};

// The sine and cosine of 2π · turn, for turn in [0, 1): subtracts the nearest quarter turn and evaluates Taylor series.
SineAndCosine sine_and_cosine(double turn) {
  const int quarter = static_cast<int>(turn * 4 + 0.5);
  const double x = (turn - quarter * 0.25) * 6.283185307179586, square = x * x;
  double sine = 0, cosine = 0;
  for (int k = 19; k >= 3; k -= 2) sine = (1 + sine) * (-square / (k * (k - 1)));
  for (int k = 18; k >= 2; k -= 2) cosine = (1 + cosine) * (-square / (k * (k - 1)));
  sine = x * (1 + sine);
  cosine = 1 + cosine;
  switch (quarter & 3) {
    case 0: return {sine, cosine};
    case 1: return {cosine, -sine};
    case 2: return {-sine, -cosine};
    default: return {-cosine, sine};
  }
}

template <class Element, class Convert>
void fill_blocks(uint64_t key, uint64_t counter, size_t n, Element* out, Convert convert) {
  for (size_t i = 0; i < n; i += 4, counter++) {
    Element four[4];
    convert(philox(0, counter, key), four);
    std::copy_n(four, std::min<size_t>(4, n - i), out + i);
  }
}

}  // namespace

PhiloxBlock philox(uint64_t counter_high, uint64_t counter_low, uint64_t key) {
  uint32_t c0 = static_cast<uint32_t>(counter_low), c1 = static_cast<uint32_t>(counter_low >> 32);
  uint32_t c2 = static_cast<uint32_t>(counter_high), c3 = static_cast<uint32_t>(counter_high >> 32);
  uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
  for (int round = 0; round < rounds; round++, k0 += weyl_0, k1 += weyl_1) {
    const uint64_t product_0 = static_cast<uint64_t>(multiplier_0) * c0;
    const uint64_t product_1 = static_cast<uint64_t>(multiplier_1) * c2;
    c0 = static_cast<uint32_t>(product_1 >> 32) ^ c1 ^ k0;
    c1 = static_cast<uint32_t>(product_1);
    c2 = static_cast<uint32_t>(product_0 >> 32) ^ c3 ^ k1;
    c3 = static_cast<uint32_t>(product_0);
  }
  return {{c0, c1, c2, c3}};
}

void fill_bits(uint64_t key, uint64_t counter, size_t n, uint32_t* out) {
  fill_blocks(key, counter, n, out, [](const PhiloxBlock& block, uint32_t* four) {
    std::copy_n(block.words, 4, four);
  });
}

void fill_uniform(uint64_t key, uint64_t counter, float low, float high, size_t n, float* out) {
  const float largest = nextafterf(high, low);
  fill_blocks(key, counter, n, out, [=](const PhiloxBlock& block, float* four) {
    for (int i = 0; i < 4; i++) {
      const double unit = (block.words[i] >> 8) * 0x1p-24;
      const float value = static_cast<float>(low + unit * (static_cast<double>(high) - low));
      four[i] = value < high ? value : largest;  // rounding must not reach `high`
    }
  });
}

// Box and Muller (1958): two independent normal numbers from two uniform ones, the first in (0, 1).
void fill_normal(uint64_t key, uint64_t counter, float scale, size_t n, float* out) {
  fill_blocks(key, counter, n, out, [=](const PhiloxBlock& block, float* four) {
    for (int i = 0; i < 4; i += 2) {
      const double radius = sqrt(-2 * natural_logarithm((block.words[i] + 0.5) * 0x1p-32));
      const SineAndCosine angle = sine_and_cosine(block.words[i + 1] * 0x1p-32);
      four[i] = static_cast<float>(radius * angle.cosine * scale);
      four[i + 1] = static_cast<float>(radius * angle.sine * scale);
    }
  });
}

}  // namespace rnnlm
