// Sums and maxima. Arrays are summed in float32 lanes within short blocks and in double between blocks, so that the error
// does not grow with the length.
#pragma once
#include "elementwise.h"

namespace rnnlm {
namespace {

constexpr size_t sum_block = 64 * width;
constexpr size_t sum_chains = 4;  // independent sums, which hide the latency of addition

// `function` must map 0 to 0: lanes beyond the end are 0.
template <class Function>
inline double sum_mapped(size_t n, const float* a, Function function) {
  double total = 0;
  for (size_t start = 0; start < n; start += sum_block) {
    const size_t count = n - start < sum_block ? n - start : sum_block;
    const float* block = a + start;
    Vector sums[sum_chains];
    for (size_t c = 0; c < sum_chains; c++) sums[c] = broadcast(0.0f);
    size_t i = 0;
    for (; i + sum_chains * width <= count; i += sum_chains * width) {
      for (size_t c = 0; c < sum_chains; c++) sums[c] = sums[c] + function(load(block + i + c * width));
    }
    for (; i + width <= count; i += width) sums[0] = sums[0] + function(load(block + i));
    if (i < count) sums[1] = sums[1] + function(load_partial(block + i, count - i));
    total += static_cast<double>(sum_lanes((sums[0] + sums[1]) + (sums[2] + sums[3])));
  }
  return total;
}

double sum(size_t n, const float* a) {
  return sum_mapped(n, a, [](Vector x) { return x; });
}

// If squares may overflow or underflow in float32, sums them in double instead.
double sum_of_squares(size_t n, const float* a) {
  const double total = sum_mapped(n, a, [](Vector x) { return x * x; });
  if (total > 1e-20 && total < 1e38) return total;
  double exact = 0;
  for (size_t i = 0; i < n; i++) exact += static_cast<double>(a[i]) * static_cast<double>(a[i]);
  return exact;
}

float maximum(size_t n, const float* a) {
  Vector lanes[4];
  for (size_t c = 0; c < 4; c++) lanes[c] = broadcast(-__builtin_inff());
  size_t i = 0;
  for (; i + 4 * width <= n; i += 4 * width) {
    for (size_t c = 0; c < 4; c++) lanes[c] = maximum(lanes[c], load(a + i + c * width));
  }
  for (; i + width <= n; i += width) lanes[0] = maximum(lanes[0], load(a + i));
  float largest = maximum_lanes(maximum(maximum(lanes[0], lanes[1]), maximum(lanes[2], lanes[3])));
  for (; i < n; i++) largest = a[i] > largest ? a[i] : largest;
  return largest;
}

inline float sum_first_lanes(Vector a, size_t n) {
  float lanes[width], total = 0;
  store(lanes, a);
  for (size_t i = 0; i < n; i++) total += lanes[i];
  return total;
}

constexpr size_t cache_line = 16;  // floats

// Calls before(i) before it writes to out + i.
template <bool writes, class Before>
inline double exp_shifted_into(size_t n, const float* a, Vector shift, float* out, const float* next, Before before) {
  double total = 0;
  for (size_t start = 0; start < n; start += sum_block) {
    const size_t end = n - start < sum_block ? n : start + sum_block;
    Vector sums = broadcast(0.0f);
    size_t i = start;
    for (; i + width <= end; i += width) {
      const Vector e = exp_not_above_0(load(a + i) - shift);
      sums = sums + e;
      before(i);
      if (writes) store(out + i, e);
      if (i % cache_line == 0) __builtin_prefetch(next + i, 0, 2);
    }
    total += static_cast<double>(sum_lanes(sums));
    if (i == end) continue;
    const Vector e = exp_not_above_0(load_partial(a + i, end - i) - shift);
    total += static_cast<double>(sum_first_lanes(e, end - i));
    before(i);
    if (writes) store_partial(out + i, e, end - i);
  }
  return total;
}

double exp_shifted(size_t n, const float* a, float shift, float* out, const float* next) {
  const auto nothing = [](size_t) {};
  return out ? exp_shifted_into<true>(n, a, broadcast(shift), out, next, nothing)
             : exp_shifted_into<false>(n, a, broadcast(shift), out, next, nothing);
}

double scale_streaming_then_exp_shifted(size_t n, const float* a, float shift, float* kept, const float* next, float factor,
                             float* out) {
  return exp_shifted_into<true>(n, a, broadcast(shift), kept, next, ScaleStreaming(n, factor, kept, out));
}

// Sums a few vectors of columns at a time, down all rows.
void sum_rows(size_t rows, size_t columns, const float* a, ptrdiff_t a_row, float* out) {
  size_t j = 0;
  for (; j + 4 * width <= columns; j += 4 * width) {
    Vector sums[4];
    for (size_t c = 0; c < 4; c++) sums[c] = broadcast(0.0f);
    const float* row = a + j;
    for (size_t i = 0; i < rows; i++, row += a_row) {
      for (size_t c = 0; c < 4; c++) sums[c] = sums[c] + load(row + c * width);
    }
    for (size_t c = 0; c < 4; c++) store(out + j + c * width, sums[c]);
  }
  for (; j < columns; j += width) {
    const size_t count = columns - j < width ? columns - j : width;
    Vector sums = broadcast(0.0f);
    const float* row = a + j;
    for (size_t i = 0; i < rows; i++, row += a_row) {
      sums = sums + (count == width ? load(row) : load_partial(row, count));
    }
    if (count == width) {
      store(out + j, sums);
    } else {
      store_partial(out + j, sums, count);
    }
  }
}

}  // namespace
}  // namespace rnnlm
