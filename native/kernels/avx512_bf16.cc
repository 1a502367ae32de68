// Matrix multiplication in bfloat16 on AVX512-BF16, whose dot-product instruction adds two products to each of sixteen sums.
// Panels are packed as for AMX: rows of A and columns of B in pairs along the depth. Up to 11 × 32 sums of C stay in
// registers. For each pair of the depth, two vectors of B are read and one pair of each row of A is broadcast.
//
// This pays on processors that issue as many of these instructions as float32 multiply-adds (AMD since Zen 4), each with
// twice the products. Split numbers are not offered: they need three times as many instructions and would be slower.
#include "packing_bfloat16.h"

namespace rnnlm {
namespace {

constexpr size_t most_rows = 11;
constexpr size_t pair = 2;

inline __m512bh as_pairs(__m512i bits) { return reinterpret_cast<__m512bh>(bits); }

inline __m512bh broadcast_pair(const Bfloat16* a) {
  int bits;
  __builtin_memcpy(&bits, a, sizeof bits);
  return as_pairs(_mm512_set1_epi32(bits));
}

// Computes the sums of `rows` rows from `first` on and one panel of B, `vectors` wide. `last` masks the last vector.
template <size_t rows, size_t vectors>
void multiply_fixed_tile(const Bfloat16Strip& strip, size_t first, const Bfloat16* b, const float* bias, float* c,
                         __mmask16 last) {
  const __mmask16 lanes[2] = {vectors == 1 ? last : static_cast<__mmask16>(0xffff), last};
  __m512 sums[rows][vectors];
#pragma GCC unroll 2
  for (size_t v = 0; v < vectors; v++) {
    const __m512 start = bias ? _mm512_maskz_loadu_ps(lanes[v], bias + v * tile_lines) : _mm512_setzero_ps();
#pragma GCC unroll 11
    for (size_t i = 0; i < rows; i++) sums[i][v] = start;
  }

  const Bfloat16* a = strip.a + first * tile_depth;
  for (size_t depth = strip.depth; depth > 0;) {
    const size_t pairs = depth < tile_depth ? (depth + 1) / pair : tile_depth / pair;
    for (size_t p = 0; p < pairs; p++) {
      __m512bh row[vectors];
#pragma GCC unroll 2
      for (size_t v = 0; v < vectors; v++) row[v] = as_pairs(_mm512_loadu_si512(b + v * tile_size + p * tile_depth));
#pragma GCC unroll 11
      for (size_t i = 0; i < rows; i++) {
        const __m512bh factor = broadcast_pair(a + i * tile_depth + p * pair);
#pragma GCC unroll 2
        for (size_t v = 0; v < vectors; v++) sums[i][v] = _mm512_dpbf16_ps(sums[i][v], factor, row[v]);
      }
    }
    a += panel_step;
    b += panel_step;
    depth -= depth < tile_depth ? depth : tile_depth;
  }

#pragma GCC unroll 11
  for (size_t i = 0; i < rows; i++) {
#pragma GCC unroll 2
    for (size_t v = 0; v < vectors; v++) {
      float* out = c + static_cast<ptrdiff_t>(i) * strip.c_row + v * tile_lines;
      __m512 result = sums[i][v];
      if (strip.accumulate) result = _mm512_add_ps(result, _mm512_maskz_loadu_ps(lanes[v], out));
      _mm512_mask_storeu_ps(out, lanes[v], result);
    }
  }
}

// Calls the instantiation for a number of rows known at run time.
template <size_t rows, size_t vectors>
void multiply_rows(size_t wanted, const Bfloat16Strip& strip, size_t first, const Bfloat16* b, const float* bias,
                   float* c, __mmask16 last) {
  if constexpr (rows > 1) {
    if (wanted < rows) return multiply_rows<rows - 1, vectors>(wanted, strip, first, b, bias, c, last);
  }
  multiply_fixed_tile<rows, vectors>(strip, first, b, bias, c, last);
}

void multiply_strip(const Bfloat16Strip& strip) {
  const size_t tiles = (strip.rows + most_rows - 1) / most_rows;
  const Bfloat16* b = strip.b;
  for (size_t column = 0; column < strip.columns; column += panel_lines, b += strip.b_panel) {
    const size_t columns = strip.columns - column < panel_lines ? strip.columns - column : panel_lines;
    const float* bias = strip.bias ? strip.bias + column : nullptr;
    for (size_t i = 0; i < tiles; i++) {
      const size_t first = i * strip.rows / tiles, rows = (i + 1) * strip.rows / tiles - first;
      float* c = strip.c + static_cast<ptrdiff_t>(first) * strip.c_row + column;
      if (columns > tile_lines) {
        multiply_rows<most_rows, 2>(rows, strip, first, b, bias, c, lanes_before(columns - tile_lines));
      } else {
        multiply_rows<most_rows, 1>(rows, strip, first, b, bias, c, lanes_before(columns));
      }
    }
  }
}

}  // namespace

extern constexpr Bfloat16Kernels avx512_bf16_kernels = {
    panel_lines,
    tile_depth,
    make_method<1>({10, 352, 1024}, multiply_strip),
    {},
};

}  // namespace rnnlm
